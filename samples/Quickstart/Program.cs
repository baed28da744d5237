using System.CommandLine;
using Zalando.Postgres.Sdk.Samples.Quickstart;

// Removing the processes takes a moment after Ctrl-C; the default of two seconds would cut it short.
var command = QuickstartSettings.Command((settings, cancellationToken) => new QuickstartRun(settings, Console.Out, TimeProvider.System).RunAsync(cancellationToken));
return await command.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromSeconds(45) });
