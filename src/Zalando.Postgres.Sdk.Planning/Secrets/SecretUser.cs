namespace Zalando.Postgres.Sdk.Planning.Secrets;

/// <summary>A role whose user name and password are kept in a Secret.</summary>
/// <param name="Name">Name of the role.</param>
/// <param name="Namespace">Namespace of the Secret.</param>
/// <param name="Origin">Where the role comes from.</param>
internal sealed record SecretUser(string Name, string Namespace, SecretUserOrigin Origin)
{
    /// <summary>The password that somebody else decides on; null when it is generated once and then read from the Secret.</summary>
    public string? Password { get; init; }

    /// <summary>Whether the role owns a database.</summary>
    public bool IsDatabaseOwner { get; init; }
}
