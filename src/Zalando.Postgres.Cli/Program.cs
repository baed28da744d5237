using Zalando.Postgres.Cli.CommandLine;

return await CommandLineProgram.RunAsync(args, Console.Out, Console.Error, CancellationToken.None).ConfigureAwait(false);
