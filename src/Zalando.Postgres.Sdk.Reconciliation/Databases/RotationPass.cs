using Zalando.Postgres.Sdk.Database;
using Zalando.Postgres.Sdk.Planning;
using Zalando.Postgres.Sdk.Planning.Databases;
using Zalando.Postgres.Sdk.Planning.Roles;
using Zalando.Postgres.Sdk.Reconciliation.Execution;

namespace Zalando.Postgres.Sdk.Reconciliation.Databases;

/// <summary>Takes every rotation one step further: a next password into the Secret, into the database, and then in place of the present one.</summary>
internal sealed class RotationPass(PassContext context, DatabasePlanningInput input, DesiredServer desired, DatabasePass pass, Func<RolePassword, Task<string?>> logIn)
{
    private readonly PasswordEncryption _encryption = StoredPassword.EncryptionOf(context.Manifest);

    /// <summary>Changes of Secrets and passwords that were made.</summary>
    public List<PlannedChange> Made { get; } = [];

    /// <summary>Rotations that did not succeed and were undone.</summary>
    public List<string> Failures { get; } = [];

    /// <summary>Whether a Secret was changed, so that the rest is the next pass's work.</summary>
    public bool HasMoreToDo { get; private set; }

    public async Task RunAsync(PasswordSeed seed, Func<bool> isInterrupted, CancellationToken cancellationToken)
    {
        foreach (var step in RotationPlanner.Plan(desired.Roles, context.Manifest.Spec, context.Settings, context.Observed, input.Now, seed))
        {
            if (isInterrupted()) return;
            if (step.Needs is { } next && !await PrepareAsync(step, next, cancellationToken).ConfigureAwait(false)) continue;
            var result = await pass.MakeAsync(step.Change, cancellationToken).ConfigureAwait(false);
            if (result.Outcome == ChangeOutcome.Done) Made.Add(step.Change);
            else if (result.Outcome == ChangeOutcome.Failed) Failures.Add($"rotation of \"{step.Role.Name}\": {result.Message}");
            HasMoreToDo |= result.Outcome is ChangeOutcome.Done or ChangeOutcome.Stale;
        }
    }

    // Whether the database has the next password, so that the Secret may publish it.
    private async Task<bool> PrepareAsync(RotationStep step, SecretCredentials next, CancellationToken cancellationToken)
    {
        var role = step.Role;
        if (pass.Observed is not { } observed) return false;
        if (next.UserName != role.Name)
        {
            // A dated role is made with the other roles; until it is there the Secret keeps the present one.
            return observed.Roles.TryGetValue(next.UserName, out var dated) && StoredPassword.Matches(dated.StoredPassword, next.UserName, next.Password, _encryption)
                && observed.Grants.Contains(new(role.Name, next.UserName, false));
        }

        if (!observed.Roles.ContainsKey(role.Name)) return false;
        var change = Set(role, next.Password);
        var result = await pass.MakeAsync(change, cancellationToken).ConfigureAwait(false);
        if (result.Outcome is ChangeOutcome.HeldBack or ChangeOutcome.Stale) return false;
        if (result is { Outcome: ChangeOutcome.Failed, IsTransient: true })
        {
            // The server may have taken the new password before the connection broke: then it is the only one that works, and the next pass finds out which it is.
            Failures.Add($"rotation of \"{role.Name}\": {result.Message}");
            return false;
        }

        var failure = result.Outcome == ChangeOutcome.Done ? await VerifyAsync(role, next.Password, cancellationToken).ConfigureAwait(false) : result.Message;
        if (failure is null)
        {
            Made.Add(change);
            return true;
        }

        Failures.Add($"rotation of \"{role.Name}\" was undone: {failure}");
        await UndoAsync(step, result.Outcome == ChangeOutcome.Done, cancellationToken).ConfigureAwait(false);
        return false;
    }

    private async Task<string?> VerifyAsync(DesiredRole role, RolePassword password, CancellationToken cancellationToken)
    {
        try
        {
            await pass.PlanAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (DatabaseException e)
        {
            return e.Message;
        }

        if (pass.Observed?.Roles.GetValueOrDefault(role.Name) is not { } stored || !StoredPassword.Matches(stored.StoredPassword, role.Name, password, _encryption))
            return "the server does not have the new password";
        return role.SystemKey == "superuser" ? await logIn(password).ConfigureAwait(false) : null;
    }

    // The connection that changed the password is still open, so the old one can be put back even when nobody can log in any more.
    private async Task UndoAsync(RotationStep step, bool wasSet, CancellationToken cancellationToken)
    {
        if (wasSet)
        {
            if (step.Role.Password is not { } old) return;
            var result = await pass.MakeAsync(Set(step.Role, old), cancellationToken).ConfigureAwait(false);
            // While the old password is not back the next one stays in the Secret: it may be the one that works.
            if (result.Outcome != ChangeOutcome.Done) return;
        }

        if (step.GiveUp is { } giveUp) await pass.MakeAsync(giveUp, cancellationToken).ConfigureAwait(false);
    }

    private ChangeDatabase Set(DesiredRole role, RolePassword password) => new()
    {
        Target = new() { Kind = ChangeTarget.DatabaseKind, Namespace = context.Plan.Cluster.Namespace, Name = "postgres" },
        Change = new SetRolePassword { Database = "postgres", Role = role.Name, Password = password, Encryption = _encryption },
        Stage = ChangeStage.Databases,
        Reasons = [new() { FieldPath = role.FieldPath, Old = "***", New = "***", RequestedBy = Requester.Schedule, Consequence = Consequence.InPlace, Explanation = $"rotation of \"{role.Name}\"" }],
    };
}
