using System.Globalization;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Kubernetes.Client;
using Zalando.Postgres.Sdk.Patroni;
using Zalando.Postgres.Sdk.Planning;
using Zalando.Postgres.Sdk.Reconciliation.Observation;
using Zalando.Postgres.Sdk.Reconciliation.Patroni;
using Zalando.Postgres.Sdk.Resources;

namespace Zalando.Postgres.Sdk.Reconciliation.Execution;

/// <summary>Makes in-place major version upgrades with the script of the image. The script runs in the background of the primary's pod and leaves its log and its
/// exit code in files there, so neither a lost connection nor the end of the operator ends or repeats it.</summary>
/// <remarks>Each step is one short command. The result goes into annotations of the manifest.</remarks>
/// <param name="client">The API server.</param>
/// <param name="store">The operator's view of it.</param>
/// <param name="time">The clock.</param>
/// <param name="patroni">Patroni's REST API, to end the maintenance mode that a script which was killed leaves behind; null leaves it to a person.</param>
/// <param name="addresses">Where the REST API of a pod is; null for port 8008 of its address.</param>
public sealed class MajorUpgradeExecutor(IKubernetesClient client, ObjectStore store, TimeProvider time, IPatroniClient? patroni = null, Func<JsonObject, Uri?>? addresses = null) : IChangeExecutor
{
    private const string Container = "postgres";
    private const int LongestMessage = 1000;
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(5);

    private readonly Func<JsonObject, Uri?> _addresses = addresses ?? PatroniEndpoint.Of;

    /// <inheritdoc />
    public bool Handles(PlannedChange change) => change is UpgradeMajorVersion;

    /// <inheritdoc />
    public async Task<ChangeResult> ExecuteAsync(PassContext context, PlannedChange change, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (change is not UpgradeMajorVersion upgrade) throw new ArgumentException("This is no upgrade.", nameof(change));
        if (!IsAttempt(upgrade.Attempt)) return new ChangeResult(change, ChangeOutcome.Failed, $"\"{upgrade.Attempt}\" names no upgrade.");
        switch (upgrade.Step)
        {
            case UpgradeStep.Check:
                var check = await RunAsync(upgrade, CheckScript(upgrade), cancellationToken).ConfigureAwait(false);
                return check.ExitCode == 0 ? new ChangeResult(change, ChangeOutcome.Done) : new ChangeResult(change, ChangeOutcome.Failed, $"the upgrade of {upgrade.Target.Name} cannot begin: {Tail(check)}");
            case UpgradeStep.Start:
                var start = await RunAsync(upgrade, StartScript(upgrade), cancellationToken).ConfigureAwait(false);
                return start.ExitCode == 0
                    ? new ChangeResult(change, ChangeOutcome.InProgress, $"PostgreSQL {upgrade.From} is being upgraded to {upgrade.To}.") { LookAgainAfter = LookAgain }
                    : new ChangeResult(change, ChangeOutcome.Failed, $"the upgrade of {upgrade.Target.Name} could not be started: {Tail(start)}") { IsTransient = true };
            default:
                try
                {
                    return await WatchAsync(context, upgrade, cancellationToken).ConfigureAwait(false);
                }
                catch (PatroniException e)
                {
                    return new ChangeResult(change, ChangeOutcome.Failed, e.Message) { IsTransient = true };
                }
        }
    }

    private async Task<ChangeResult> WatchAsync(PassContext context, UpgradeMajorVersion upgrade, CancellationToken cancellationToken)
    {
        var look = await RunAsync(upgrade, WatchScript(upgrade), cancellationToken).ConfigureAwait(false);
        var lines = look.Output.Split('\n', 2);
        var log = lines.Length > 1 ? lines[1].Trim() : "";
        switch (lines[0].Trim().Split(' '))
        {
            case ["running"]:
                return new ChangeResult(upgrade, ChangeOutcome.InProgress, $"PostgreSQL {upgrade.From} is being upgraded to {upgrade.To}.") { LookAgainAfter = LookAgain };
            // Only the script pauses Patroni: it was begun, and what it wrote went with its container.
            case ["none"] when IsPaused(context) && !(Runs(context) >= upgrade.To):
                return await FailAsync(context, upgrade, "the script ended without a result: its container was restarted", cancellationToken).ConfigureAwait(false);
            case ["none"] when Runs(context) < upgrade.To:
                // The operator ended between the annotation and the script, or the container was made again before it began.
                var start = await RunAsync(upgrade, StartScript(upgrade), cancellationToken).ConfigureAwait(false);
                return start.ExitCode == 0
                    ? new ChangeResult(upgrade, ChangeOutcome.InProgress, $"PostgreSQL {upgrade.From} is being upgraded to {upgrade.To}.") { LookAgainAfter = LookAgain }
                    : new ChangeResult(upgrade, ChangeOutcome.Failed, $"the upgrade of {upgrade.Target.Name} could not be started: {Tail(start)}") { IsTransient = true };
            case ["exit", "0"]:
            case ["lost"] or ["none"] when Runs(context) >= upgrade.To:
                await EndAsync(context, null, cancellationToken).ConfigureAwait(false);
                return new ChangeResult(upgrade, ChangeOutcome.Done);
            case ["exit", var code]:
                return await FailAsync(context, upgrade, $"the script ended with {code}: {Short(log)}", cancellationToken).ConfigureAwait(false);
            case ["lost"]:
                return await FailAsync(context, upgrade, $"the script ended without a result, as if its container was restarted: {Short(log)}", cancellationToken).ConfigureAwait(false);
            default:
                return new ChangeResult(upgrade, ChangeOutcome.Failed, $"{upgrade.Target.Name} does not say how far the upgrade is: {Tail(look)}") { IsTransient = true };
        }
    }

    private async Task<ChangeResult> FailAsync(PassContext context, UpgradeMajorVersion upgrade, string message, CancellationToken cancellationToken)
    {
        await EndAsync(context, message, cancellationToken).ConfigureAwait(false);
        return new ChangeResult(upgrade, ChangeOutcome.Failed, $"upgrade of PostgreSQL {upgrade.From} to {upgrade.To}: {message}");
    }

    private async Task EndAsync(PassContext context, string? failure, CancellationToken cancellationToken)
    {
        // Paused, Patroni neither starts PostgreSQL nor fails over. A script that ends by itself ends the pause; one that was killed cannot.
        if (patroni is not null && IsPaused(context)
            && PatroniEndpoint.Members(context.Observed, context.Settings, context.Plan.Cluster).Select(_addresses).FirstOrDefault(a => a is not null) is { } member)
        {
            await patroni.PatchConfigurationAsync(member, new JsonObject { ["pause"] = null }, cancellationToken).ConfigureAwait(false);
        }

        var now = time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        var annotations = new JsonObject
        {
            [ClusterAnnotations.MajorUpgrade] = null,
            [ClusterAnnotations.LastMajorUpgradeFailure] = failure is null ? null : now,
            [ClusterAnnotations.LastMajorUpgradeMessage] = failure,
        };
        if (failure is null) annotations[ClusterAnnotations.LastMajorUpgradeSuccess] = now;
        var body = new JsonObject { ["metadata"] = new JsonObject { ["annotations"] = annotations, ["uid"] = context.Manifest.Metadata.Uid } };
        store.Put(Postgresql.Descriptor, await client.PatchAsync(
            Postgresql.Descriptor, context.Plan.Cluster.Namespace, context.Plan.Cluster.Name, Patch.Merge(body), null,
            new WriteOptions { FieldManager = KubernetesChangeExecutor.FieldManager }, cancellationToken).ConfigureAwait(false));
    }

    private Task<ExecResult> RunAsync(UpgradeMajorVersion upgrade, string script, CancellationToken cancellationToken) =>
        client.ExecAsync(upgrade.Target.Namespace, upgrade.Target.Name, Container, ["/bin/bash", "-c", script], null, cancellationToken);

    private static bool IsPaused(PassContext context) => context.Observed.Patroni is { Paused: true };

    private static int? Runs(PassContext context) => context.Observed.Patroni?.Members.FirstOrDefault(m => m.Role == MemberRole.Primary)?.ServerVersion / 10000;

    // Parts of the scripts are numbers and an attempt's name only: nothing of a manifest's free text gets into a shell.
    private static bool IsAttempt(string attempt) => attempt.Length is > 0 and < 200 && attempt.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '/' or '.');

    private static string CheckScript(UpgradeMajorVersion upgrade) => string.Create(CultureInfo.InvariantCulture, $$"""
        # check {{upgrade.Attempt}}
        for v in {{upgrade.From}} {{upgrade.To}}; do [ -x /usr/lib/postgresql/$v/bin/pg_ctl ] || { echo "the image has no PostgreSQL $v"; exit 1; }; done
        [ -x /usr/lib/postgresql/{{upgrade.To}}/bin/pg_upgrade ] || { echo "the image has no pg_upgrade of PostgreSQL {{upgrade.To}}"; exit 1; }
        [ -f /scripts/inplace_upgrade.py ] || { echo "the image has no script for upgrades in place"; exit 1; }
        free=$(df -Pk /home/postgres/pgdata | awk 'NR==2 {print $4}')
        [ "${free:-0}" -ge 1048576 ] || { echo "less than 1 GiB is free on the volume of the data"; exit 1; }
        """);

    private static string StartScript(UpgradeMajorVersion upgrade) => string.Create(CultureInfo.InvariantCulture, $$"""
        # start {{upgrade.Attempt}}
        cd /home/postgres || exit 1
        [ "$(cat last_upgrade.run 2>/dev/null)" = "{{upgrade.Attempt}}" ] && exit 0
        rm -f last_upgrade.exit last_upgrade.pid; : > last_upgrade.log || exit 1
        run='PGVERSION={{upgrade.To}} /usr/bin/python3 /scripts/inplace_upgrade.py {{upgrade.Members}}'
        if [ "$(id -u)" = 0 ]; then chown postgres last_upgrade.log; command='/bin/su postgres -c "$1"'; else command='/bin/bash -c "$1"'; fi
        setsid /bin/bash -c "$command"' > last_upgrade.log 2>&1; echo $? > last_upgrade.exit' upgrade "$run" < /dev/null > /dev/null 2>&1 &
        echo $! > last_upgrade.pid
        echo "{{upgrade.Attempt}}" > last_upgrade.run
        """);

    private static string WatchScript(UpgradeMajorVersion upgrade) => string.Create(CultureInfo.InvariantCulture, $$"""
        # watch {{upgrade.Attempt}}
        cd /home/postgres || exit 1
        if [ "$(cat last_upgrade.run 2>/dev/null)" != "{{upgrade.Attempt}}" ]; then echo none; exit 0; fi
        if [ -s last_upgrade.exit ]; then echo "exit $(cat last_upgrade.exit)"
        elif kill -0 "$(cat last_upgrade.pid)" 2>/dev/null; then echo running
        elif [ -s last_upgrade.exit ]; then echo "exit $(cat last_upgrade.exit)"
        else echo lost; fi
        # pg_upgrade says what it refuses well before its last lines; the checks that passed are of no interest.
        grep -v -e ' ok$' -e '^[[:space:]]*$' last_upgrade.log 2>/dev/null | tail -n 15
        """);

    private static string Tail(ExecResult result) => Short((result.Output + "\n" + result.ErrorOutput).Trim() is { Length: > 0 } text ? text : $"exit code {result.ExitCode}");

    private static string Short(string text)
    {
        var line = text.ReplaceLineEndings(" ").Trim();
        return line.Length <= LongestMessage ? line : line[^LongestMessage..];
    }
}
