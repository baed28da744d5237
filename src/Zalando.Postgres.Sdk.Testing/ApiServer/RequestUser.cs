namespace Zalando.Postgres.Sdk.Testing.ApiServer;

/// <summary>Who asks.</summary>
/// <param name="Name">User name, for example <c>system:serviceaccount:default:postgres-operator</c>.</param>
/// <param name="Uid">Unique id; null for none.</param>
/// <param name="Groups">Groups, without <c>system:authenticated</c>, which is added.</param>
public sealed record RequestUser(string Name, string? Uid, IReadOnlyList<string> Groups)
{
    /// <summary>The member of <c>system:masters</c> that controllers and unchecked requests act as.</summary>
    public static RequestUser Master { get; } = new("admin", null, ["system:masters", "system:authenticated"]);

    /// <summary>A request without credentials.</summary>
    public static RequestUser Anonymous { get; } = new("system:anonymous", null, ["system:unauthenticated"]);

    /// <summary>Which service account token was used; null for another way.</summary>
    internal string? TokenId { get; init; }

    /// <summary>Whether the user may do everything.</summary>
    public bool IsMaster => Groups.Contains("system:masters");
}
