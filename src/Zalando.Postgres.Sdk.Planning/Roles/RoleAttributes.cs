namespace Zalando.Postgres.Sdk.Planning.Roles;

/// <summary>The attributes of a role. A new instance has what PostgreSQL gives to <c>CREATE ROLE</c> without options.</summary>
public sealed record RoleAttributes
{
    /// <summary>A role that cannot log in.</summary>
    public static RoleAttributes NoLogin { get; } = new();

    /// <summary>A role that can log in and nothing more.</summary>
    public static RoleAttributes LoginOnly { get; } = new() { Login = true };

    /// <summary>May start a session.</summary>
    /// <value>Default: false.</value>
    public bool Login { get; init; }

    /// <summary>Bypasses all permission checks.</summary>
    /// <value>Default: false.</value>
    public bool Superuser { get; init; }

    /// <summary>May create databases.</summary>
    /// <value>Default: false.</value>
    public bool CreateDatabase { get; init; }

    /// <summary>May create and change roles.</summary>
    /// <value>Default: false.</value>
    public bool CreateRole { get; init; }

    /// <summary>Has the privileges of the roles it is a member of without <c>SET ROLE</c>.</summary>
    /// <value>Default: true.</value>
    public bool Inherit { get; init; } = true;

    /// <summary>May start replication and make slots.</summary>
    /// <value>Default: false.</value>
    public bool Replication { get; init; }

    /// <summary>Bypasses row-level security.</summary>
    /// <value>Default: false.</value>
    public bool BypassRowSecurity { get; init; }

    /// <summary>Every attribute as the word of <c>CREATE ROLE</c>, the negative form where it is absent, ordered by name.</summary>
    public IReadOnlyList<string> Words =>
    [
        Word("BYPASSRLS", BypassRowSecurity), Word("CREATEDB", CreateDatabase), Word("CREATEROLE", CreateRole), Word("INHERIT", Inherit),
        Word("LOGIN", Login), Word("REPLICATION", Replication), Word("SUPERUSER", Superuser),
    ];

    /// <summary>The words that turn other attributes into these.</summary>
    /// <param name="present">What the role has.</param>
    public IReadOnlyList<string> WordsMissingFrom(RoleAttributes present)
    {
        ArgumentNullException.ThrowIfNull(present);
        return Words.Except(present.Words, StringComparer.Ordinal).ToArray();
    }

    /// <summary>The attributes that differ from PostgreSQL's defaults.</summary>
    public override string ToString()
    {
        var words = WordsMissingFrom(NoLogin);
        return words.Count == 0 ? "NOLOGIN" : string.Join(' ', words);
    }

    private static string Word(string word, bool present) => present ? word : "NO" + word;
}
