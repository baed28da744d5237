using System.Text.Json;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Kubernetes.Yaml;
using Zalando.Postgres.Sdk.Reconciliation.Plugins;
using Zalando.Postgres.Sdk.Resources;

namespace Zalando.Postgres.Sdk.Samples.Plugins;

/// <summary>Reads the operator configuration from a file that configuration management writes, and follows it.</summary>
/// <param name="path">An <c>OperatorConfiguration</c> in YAML.</param>
/// <param name="time">The clock.</param>
public sealed class ConfigurationFile(string path, TimeProvider time) : IOperatorConfigurationSource
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(10);

    private string _text = "";

    /// <inheritdoc />
    public event Action? Changed;

    /// <inheritdoc />
    public OperatorConfiguration? Current { get; private set; }

    /// <summary>Why the file cannot be used now; null when it can.</summary>
    public string? Failure { get; private set; }

    /// <inheritdoc />
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                var text = await File.ReadAllTextAsync(path, cancellationToken).ConfigureAwait(false);
                if (text != _text && KubernetesYaml.Parse(text).OfType<JsonObject>().FirstOrDefault() is { } document)
                {
                    Current = document.Deserialize(PostgresJsonContext.Default.OperatorConfiguration) ?? Current;
                    _text = text;
                    Changed?.Invoke();
                }

                Failure = null;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or FormatException or KubernetesYamlException)
            {
                // What was read last stays in force.
                Failure = e.Message;
            }

            await Task.Delay(Period, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
