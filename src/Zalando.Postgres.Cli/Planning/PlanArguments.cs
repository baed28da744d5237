using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Zalando.Postgres.Cli.CommandLine;
using Zalando.Postgres.Sdk.Kubernetes.Client;
using Zalando.Postgres.Sdk.Kubernetes.Configuration;
using Zalando.Postgres.Sdk.Planning;
using Zalando.Postgres.Sdk.Planning.Databases;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Cli.Planning;

/// <summary>Arguments that <c>plan</c> and <c>diff</c> share, and what they lead to.</summary>
internal sealed class PlanArguments
{
    private readonly Argument<string[]> _clusters = new("clusters") { Description = "Names of clusters that exist: their stored manifests are taken.", Arity = ArgumentArity.ZeroOrMore };
    private readonly Option<string[]> _files = CommonOptions.Files();
    private readonly Option<string?> _configuration = CommonOptions.Configuration();
    private readonly Option<string[]> _with = PlanOptions.With();
    private readonly Option<string?> _observed = PlanOptions.Observed();
    private readonly Option<string?> _now = PlanOptions.Now();
    private readonly Option<string?> _namespace = CommonOptions.Namespace();
    private readonly Option<string?> _kubeconfig = CommonOptions.Kubeconfig();
    private readonly Option<bool> _withDatabases = PlanOptions.WithDatabases();
    private readonly Option<string?> _databaseAddress = PlanOptions.DatabaseAddress();

    public void AddTo(Command command)
    {
        command.Arguments.Add(_clusters);
        _files.Required = false;
        foreach (var option in new Option[] { _files, _configuration, _with, _observed, _now, _namespace, _kubeconfig }) command.Options.Add(option);
        command.Validators.Add(result =>
        {
            var (areNamed, areFiles) = (result.GetResult(_clusters) is { Tokens.Count: > 0 }, result.GetResult(_files) is { Implicit: false });
            if (!areNamed && !areFiles) result.AddError("Name a cluster that exists, or the file of a manifest with --filename.");
            if (areNamed && areFiles) result.AddError("Name either clusters that exist or files: a file takes the place of the stored manifest.");
        });
    }

    /// <summary>Adds the options for a look into PostgreSQL.</summary>
    public void AddDatabasesTo(Command command)
    {
        command.Options.Add(_withDatabases);
        command.Options.Add(_databaseAddress);
        command.Validators.Add(result =>
        {
            var databases = result.GetResult(_withDatabases) is { Implicit: false } && result.GetValue(_withDatabases);
            if (databases && result.GetResult(_observed) is { Tokens: [{ Value: not "cluster" and var observed }] })
                result.AddError($"--with-databases reads a running server, so it goes with --observed cluster and not with --observed {observed}.");
            if (!databases && result.GetResult(_databaseAddress) is { Implicit: false }) result.AddError("--database-address goes with --with-databases.");
        });
    }

    /// <summary>The plans of all manifests.</summary>
    public async Task<IReadOnlyList<Plan>> PlanAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var names = parsed.GetValue(_clusters) ?? [];
        var manifests = names.Length > 0 ? null : ClusterInputs.Manifests(await ObjectFiles.ReadAsync(parsed.GetValue(_files)!, cancellationToken).ConfigureAwait(false));
        var file = parsed.GetValue(_configuration);
        var with = await ObjectFiles.ReadAsync(parsed.GetValue(_with)!, cancellationToken).ConfigureAwait(false);
        var now = Time(parsed.GetValue(_now));
        var plans = new List<Plan>();
        var address = parsed.GetValue(_databaseAddress) is { } text ? DatabaseAddress.Parse(text) : null;
        if (address is not null && (manifests?.Count ?? names.Length) is > 1 and var several) throw new CommandException($"--database-address is the address of one primary, and {(manifests is null ? "there are" : "the files hold")} {several} clusters: plan one of them at a time.");
        if (parsed.GetValue(_observed) is not "cluster" and { } path)
        {
            var space = parsed.GetValue(_namespace) ?? "default";
            var objects = await ObjectFiles.ReadAsync([path], cancellationToken).ConfigureAwait(false);
            var configuration = await UsedConfiguration.FindAsync(file, objects, cancellationToken).ConfigureAwait(false);
            var observed = ClusterInputs.Observe([.. objects, .. with], space);
            manifests ??= [.. names.Select(n => observed.Find(Postgresql.Descriptor, space, n) ?? throw new CommandException($"{path} holds no postgresql object named {n} in namespace {space}."))];
            foreach (var manifest in manifests)
                plans.Add(configuration.Annotate(WithNotObserved(ClusterPlanner.Plan(ClusterInputs.Input(manifest, configuration.Value, observed, now, space)), " (they cannot be told from files)", "")));
            return plans;
        }

        var access = KubernetesClientConfiguration.FromKubeconfigFile(parsed.GetValue(_kubeconfig));
        using var client = new KubernetesClient(access);
        var defaultNamespace = parsed.GetValue(_namespace) ?? access.Namespace ?? "default";
        var used = await UsedConfiguration.FindAsync(file, client, cancellationToken).ConfigureAwait(false);
        manifests ??= await StoredAsync(client, defaultNamespace, names, cancellationToken).ConfigureAwait(false);
        foreach (var manifest in manifests)
        {
            var draft = ClusterInputs.Input(manifest, used.Value, ObservedCluster.Empty, now, defaultNamespace);
            var objects = await LiveCluster.ReadAsync(client, draft, cancellationToken).ConfigureAwait(false);
            var observed = ClusterInputs.Observe([.. objects, .. with.Select(w => (JsonObject)w.DeepClone())], defaultNamespace) with
            {
                OffersPodResize = await client.OffersAsync(KubernetesKinds.Pod, "resize", cancellationToken).ConfigureAwait(false),
            };
            var input = ClusterInputs.Input(manifest, used.Value, observed, now, defaultNamespace);
            var plan = ClusterPlanner.Plan(input);
            if (!parsed.GetValue(_withDatabases) || plan.IsRefused)
            {
                plans.Add(used.Annotate(WithNotObserved(plan, "", "; kubectl-pg plan --with-databases reads the databases")));
                continue;
            }

            var (withDatabases, findings) = await new LiveDatabases(client, address).ObserveAsync(input, cancellationToken).ConfigureAwait(false);
            plan = ClusterPlanner.Plan(withDatabases);
            plans.Add(used.Annotate(plan with { Findings = [.. plan.Findings, .. RepeatedFindings.Without(findings, plan.Findings), PatroniNotObserved] }));
        }

        return plans;
    }

    private static async Task<IReadOnlyList<JsonObject>> StoredAsync(IKubernetesClient client, string space, IEnumerable<string> names, CancellationToken cancellationToken)
    {
        var manifests = new List<JsonObject>();
        foreach (var name in names.Distinct(StringComparer.Ordinal))
            manifests.Add(await client.GetAsync(Postgresql.Descriptor, space, name, cancellationToken).ConfigureAwait(false) ?? throw new CommandException($"There is no cluster {name} in namespace {space}."));
        return manifests;
    }

    internal static DateTimeOffset Time(string? text)
    {
        if (text is null) return TimeProvider.System.GetUtcNow();
        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time
            : throw new CommandException($"\"{text}\" is no time: write it as 2026-01-31T12:00:00Z.");
    }

    private static Finding PatroniNotObserved { get; } = new()
    {
        Severity = FindingSeverity.Information,
        Code = "NotObserved",
        Rule = "Patroni's state was not observed, so no change of it is planned",
    };

    private static Plan WithNotObserved(Plan plan, string why, string advice) => plan.IsRefused ? plan : plan with
    {
        Findings =
        [
            .. plan.Findings,
            new Finding
            {
                Severity = FindingSeverity.Information,
                Code = "NotObserved",
                Rule = $"Patroni's state and the databases were not observed{why}, so no change of them is planned{advice}",
            },
        ],
    };
}
