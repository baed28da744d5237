using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Zalando.Postgres.Operator;
using Zalando.Postgres.Sdk.Hosting;
using Zalando.Postgres.Sdk.Kubernetes.Configuration;
using Zalando.Postgres.Sdk.Resources.Configuration;
using Zalando.Postgres.Sdk.Volumes.Ebs;

// The ready operator: settings from the environment and the command line, health on one loopback port, everything else in the libraries.
const int failed = 1;
const int wrongUsage = 64;

if (args is ["--help" or "-h" or "help"])
{
    Console.Write(OperatorUsage.Text);
    return 0;
}

if (!HealthProbe.IsWanted(args) && OperatorUsage.Unknown(args) is { } unknown)
{
    await Console.Error.WriteLineAsync($"'{unknown}' is no setting of the operator; --help lists them.").ConfigureAwait(false);
    return wrongUsage;
}

try
{
    var builder = WebApplication.CreateSlimBuilder(args);
    var process = ProcessSettings.Read(builder.Configuration);
    if (HealthProbe.IsWanted(args)) return await HealthProbe.RunAsync(args, process.HealthPort).ConfigureAwait(false);
    builder.WebHost.UseUrls($"http://127.0.0.1:{process.HealthPort}");
    builder.Logging.ClearProviders();
    if (process.Environment.EnableJsonLogging) builder.Logging.AddJsonConsole();
    else builder.Logging.AddSimpleConsole(console => console.SingleLine = true);
    // What keeps the host from starting is told once, below, without a stack trace.
    builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
    builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(25));
    builder.Services.AddPostgresOperator(process.Apply)
        .AddVolumeResizer<EbsVolumeResizer>(EbsVolumeResizer.CsiProvisioner)
        .AddVolumeResizer<EbsVolumeResizer>(EbsVolumeResizer.InTreeProvisioner);
    var app = builder.Build();
    app.MapHealthChecks("/livez", new HealthCheckOptions { Predicate = check => check.Tags.Contains("live") });
    app.MapHealthChecks("/readyz", new HealthCheckOptions { Predicate = check => check.Tags.Contains("ready") });
    // All settings are checked before the first of them is used.
    _ = app.Services.GetRequiredService<IOptions<PostgresOperatorOptions>>().Value;
    await app.RunAsync().ConfigureAwait(false);
    return 0;
}
catch (InvalidOperatorConfigurationException e)
{
    foreach (var finding in e.Findings) await Console.Error.WriteLineAsync($"The operator cannot start: {finding}").ConfigureAwait(false);
    return failed;
}
catch (OptionsValidationException e)
{
    foreach (var failure in e.Failures) await Console.Error.WriteLineAsync($"The operator cannot start: {failure}").ConfigureAwait(false);
    return failed;
}
catch (Exception e) when (e is KubernetesConfigurationException or IOException or FormatException)
{
    await Console.Error.WriteLineAsync($"The operator cannot start: {e.Message}").ConfigureAwait(false);
    return failed;
}
