using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Zalando.Postgres.Sdk.Kubernetes.Client;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Resources.Schemas;

namespace Zalando.Postgres.Sdk.Hosting.Services;

/// <summary>Creates the custom resource definitions, or brings their schema up to date, and waits until the server serves them.</summary>
internal sealed partial class DefinitionInstaller(IKubernetesClient client, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Installs all of them.</summary>
    /// <exception cref="TimeoutException">The server does not serve one of them in time; the message has its own words.</exception>
    public async Task InstallAsync(CancellationToken cancellationToken)
    {
        foreach (var definition in CustomResourceDefinitions.All)
        {
            var body = CustomResourceDefinitions.ToJson(definition);
            var name = definition.Metadata.Name!;
            var present = await client.GetAsync(KubernetesKinds.CustomResourceDefinition, null, name, cancellationToken).ConfigureAwait(false);
            if (present is null)
            {
                await client.CreateAsync(KubernetesKinds.CustomResourceDefinition, body, null, null, cancellationToken).ConfigureAwait(false);
            }
            else if (!JsonNode.DeepEquals(present["spec"], body["spec"]))
            {
                // Only the specification is ours: labels, annotations and stored versions of the object stay as they are.
                var patch = new JsonObject { ["spec"] = body["spec"]!.DeepClone() };
                await client.PatchAsync(KubernetesKinds.CustomResourceDefinition, null, name, Patch.Merge(patch), null, null, cancellationToken).ConfigureAwait(false);
            }

            await WaitAsync(name, cancellationToken).ConfigureAwait(false);
            Installed(logger, name);
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
            if (time.GetElapsedTime(started) > Patience) throw new TimeoutException($"The API server does not serve {name} after {Patience.TotalSeconds:0} s.");
            await Task.Delay(PollInterval, time, cancellationToken).ConfigureAwait(false);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The definition {Name} is installed")]
    private static partial void Installed(ILogger logger, string name);
}
