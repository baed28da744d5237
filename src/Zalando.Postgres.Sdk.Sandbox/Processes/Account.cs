namespace Zalando.Postgres.Sdk.Sandbox.Processes;

/// <summary>The operating system account that pods run as. PostgreSQL refuses to run as root, so a sandbox of root runs its pods as <c>postgres</c>.</summary>
/// <param name="Name">Name of the account.</param>
/// <param name="UserId">Its user id.</param>
/// <param name="GroupId">Its primary group.</param>
/// <param name="Home">Its home directory.</param>
/// <param name="IsOther">Whether it is another account than that of this process.</param>
internal sealed record Account(string Name, uint UserId, uint GroupId, string Home, bool IsOther)
{
    private const string DatabaseAccount = "postgres";

    public static Account ForPods()
    {
        if (!Environment.IsPrivilegedProcess) return new Account(Environment.UserName, 0, 0, Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), IsOther: false);
        foreach (var line in File.ReadLines("/etc/passwd"))
        {
            var fields = line.Split(':');
            if (fields.Length > 5 && fields[0] == DatabaseAccount && uint.TryParse(fields[2], out var user) && uint.TryParse(fields[3], out var group))
            {
                return new Account(DatabaseAccount, user, group, fields[5], IsOther: true);
            }
        }

        throw new SandboxException("PostgreSQL does not run as root, and this machine has no account 'postgres'. Install the Debian package postgresql, or start the sandbox as another user.");
    }

    /// <summary>Gives a file or directory to the account.</summary>
    public void Own(string path)
    {
        if (IsOther) Posix.ChangeOwner(path, UserId, GroupId);
    }
}
