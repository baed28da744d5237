using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Patroni;
using Zalando.Postgres.Sdk.Planning;
using Zalando.Postgres.Sdk.Reconciliation.Observation;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Configuration;

namespace Zalando.Postgres.Sdk.Reconciliation.Patroni;

/// <summary>Asks the primary which version of PostgreSQL it runs: the only thing of the members that Patroni's objects do not tell.</summary>
/// <param name="patroni">The REST client.</param>
/// <param name="addresses">Where the REST API of a pod is.</param>
internal sealed class ServerVersions(IPatroniClient patroni, Func<JsonObject, Uri?> addresses)
{
    /// <summary>The observation with the version of the primary, from memory while it cannot have changed.</summary>
    /// <param name="manifest">The manifest.</param>
    /// <param name="settings">The operator's settings.</param>
    /// <param name="observed">What was observed.</param>
    /// <param name="known">What was known of the primary; replaced by what is known now.</param>
    /// <param name="cancellationToken">The deadline of the call.</param>
    public async Task<(ObservedCluster Observed, KnownVersion? Known)> AddAsync(
        Postgresql manifest, OperatorSettings settings, ObservedCluster observed, KnownVersion? known, CancellationToken cancellationToken)
    {
        if (observed.Patroni is not { } records || settings.MajorVersionUpgrade.Mode == "off" && settings.MajorVersionUpgrade.TeamAllowList.Count == 0) return (observed, known);
        var key = new ClusterKey(manifest.Metadata.Namespace ?? "default", manifest.Metadata.Name ?? "");
        var primary = PatroniEndpoint.Members(observed, settings, key).FirstOrDefault(p => p.Label(settings.Kubernetes.PodRoleLabel) == "master");
        if (primary is null) return (observed, known);
        var identity = primary.Metadata("uid") ?? "";
        if (known?.Identity != identity || !IsSettled(manifest, settings, known.Version))
        {
            known = null;
            if (addresses(primary) is { } address)
            {
                try
                {
                    if ((await patroni.GetStatusAsync(address, cancellationToken).ConfigureAwait(false)).ServerVersion is { } version) known = new KnownVersion(identity, version);
                }
                catch (Exception e) when (e is PatroniException or HttpRequestException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
                {
                    // Not known now; nothing is planned that has to know it.
                }
            }
        }

        if (known is null) return (observed, known);
        var name = primary.Metadata("name");
        var members = records.Members.Select(m => m.Name == name ? m with { ServerVersion = known.Version } : m).ToArray();
        return (observed with { Patroni = records with { Members = members } }, known);
    }

    // A version only changes by an upgrade, which a manifest or a configuration has to ask for.
    private static bool IsSettled(Postgresql manifest, OperatorSettings settings, int version)
    {
        if (manifest.Metadata.Annotations?.ContainsKey(ClusterAnnotations.MajorUpgrade) == true) return false;
        var upgrade = settings.MajorVersionUpgrade;
        return Number(manifest.Spec.Postgresql.Version) <= version / 10000 && (upgrade.Mode != "full" || Number(upgrade.TargetMajorVersion) <= version / 10000 || Number(upgrade.MinimalMajorVersion) <= version / 10000);

        static int Number(string? text) => int.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var number) ? number : 0;
    }
}
