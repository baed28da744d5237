using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Zalando.Postgres.Operator;
using Zalando.Postgres.Sdk.Hosting;

// The ready operator: settings from the environment and the command line, health on one port, everything else in the libraries.
var builder = WebApplication.CreateSlimBuilder(args);
var environment = OperatorEnvironment.Read(builder.Configuration);
builder.WebHost.UseUrls($"http://{environment.ListenAddress}:{environment.HealthPort}");
builder.Logging.ClearProviders();
if (environment.JsonLogging) builder.Logging.AddJsonConsole();
else builder.Logging.AddSimpleConsole(console => console.SingleLine = true);
builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(25));
builder.Services.AddPostgresOperator(environment.Apply);

var app = builder.Build();
app.MapHealthChecks("/livez", new HealthCheckOptions { Predicate = check => check.Tags.Contains("live") });
app.MapHealthChecks("/readyz", new HealthCheckOptions { Predicate = check => check.Tags.Contains("ready") });
await app.RunAsync().ConfigureAwait(false);
return 0;
