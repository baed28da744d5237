using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Zalando.Postgres.Sdk.Kubernetes.Client;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Resources.Schemas;

namespace Zalando.Postgres.Sdk.Hosting.Services;

/// <summary>Creates the custom resource definitions, or brings their schema up to date, and waits until the server serves them.</summary>
internal sealed partial class DefinitionInstaller(IKubernetesClient client, TimeProvider time, ILogger logger, TimeSpan interval, TimeSpan timeout)
{
    // Somebody else writes the same definition.
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(500);

    /// <summary>Installs all of them.</summary>
    /// <exception cref="TimeoutException">The server does not serve one of them in time; the message has its own words.</exception>
    public async Task InstallAsync(CancellationToken cancellationToken)
    {
        foreach (var definition in CustomResourceDefinitions.All)
        {
            var name = definition.Metadata.Name!;
            await PutAsync(name, CustomResourceDefinitions.ToJson(definition), cancellationToken).ConfigureAwait(false);
            await WaitAsync(name, cancellationToken).ConfigureAwait(false);
            Installed(logger, name);
        }
    }

    private async Task PutAsync(string name, JsonObject body, CancellationToken cancellationToken)
    {
        var write = new WriteOptions { FieldManager = "postgres-operator" };
        while (true)
        {
            try
            {
                var present = await client.GetAsync(KubernetesKinds.CustomResourceDefinition, null, name, cancellationToken).ConfigureAwait(false);
                if (present is null)
                {
                    await client.CreateAsync(KubernetesKinds.CustomResourceDefinition, body, null, write, cancellationToken).ConfigureAwait(false);
                    return;
                }

                // Foreign labels and annotations stay. A definition that is the same already is not written anew by the server.
                present["spec"] = body["spec"]!.DeepClone();
                await client.ReplaceAsync(KubernetesKinds.CustomResourceDefinition, present, null, write, cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (KubernetesApiException e) when (e.IsConflict)
            {
                // Somebody else installs it at the same moment: look again.
                await Task.Delay(PollInterval, time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task WaitAsync(string name, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        while (true)
        {
            var present = await client.GetAsync<CustomResourceDefinition>(null, name, cancellationToken).ConfigureAwait(false);
            var conditions = present?.Status?.Conditions ?? [];
            if (conditions.Any(c => c is { Type: "Established", Status: "True" })) return;
            if (conditions.FirstOrDefault(c => c is { Type: "NamesAccepted", Status: "False" }) is { } refused)
                throw new InvalidOperationException($"The API server does not accept the names of {name}: {refused.Message}");
            if (time.GetElapsedTime(started) > timeout) throw new TimeoutException($"The API server does not serve {name} after {timeout.TotalSeconds:0} s (CRD_READY_WAIT_TIMEOUT).");
            await Task.Delay(interval < timeout ? interval : timeout, time, cancellationToken).ConfigureAwait(false);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The definition {Name} is installed")]
    private static partial void Installed(ILogger logger, string name);
}
