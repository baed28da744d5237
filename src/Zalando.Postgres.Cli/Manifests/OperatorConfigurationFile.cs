using System.Text.Json;
using System.Text.Json.Nodes;
using Zalando.Postgres.Cli.CommandLine;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Configuration;
using Zalando.Postgres.Sdk.Resources.Validation;

namespace Zalando.Postgres.Cli.Manifests;

/// <summary>Reads the operator's configuration that <c>--config</c> names.</summary>
public static class OperatorConfigurationFile
{
    /// <summary>Reads an <c>OperatorConfiguration</c> or a ConfigMap.</summary>
    /// <param name="name">File, or null for the built-in defaults.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    /// <exception cref="CommandException">The file holds no configuration.</exception>
    /// <exception cref="InvalidOperatorConfigurationException">The configuration cannot be used; with all reasons.</exception>
    public static async Task<OperatorConfiguration> ReadAsync(string? name, CancellationToken cancellationToken)
    {
        if (name is null) return new OperatorConfiguration { Form = ConfigurationForm.ConfigMap };
        var files = await ManifestFiles.ReadAsync([name], cancellationToken).ConfigureAwait(false);
        foreach (var (manifest, _) in files.SelectMany(static f => f.Documents).SelectMany(ManifestFiles.ObjectsOf))
        {
            if (TryRead(manifest) is not { } configuration) continue;
            OperatorSettings.From(configuration);
            return configuration;
        }
        throw new CommandException($"{name}: holds neither an OperatorConfiguration nor a ConfigMap with parameters of the operator");
    }

    private static OperatorConfiguration? TryRead(JsonObject manifest)
    {
        if (ManifestValidator.IsOperatorConfiguration(manifest))
        {
            var data = (JsonObject)manifest["data"]!;
            return ConfigMapConfiguration.Read(data.ToDictionary(static p => p.Key, static p => p.Value?.ToString() ?? "", StringComparer.Ordinal));
        }
        if (manifest["kind"]?.GetValueKind() != JsonValueKind.String || (string?)manifest["kind"] != "OperatorConfiguration") return null;
        var copy = (JsonObject)manifest.DeepClone();
        DeprecatedFields.Translate(copy);
        try
        {
            return copy.Deserialize(OperatorConfiguration.JsonTypeInfo);
        }
        catch (JsonException exception)
        {
            throw new CommandException($"the OperatorConfiguration cannot be read: {exception.Path?.TrimStart('$', '.')} has a value of a wrong kind");
        }
    }
}
