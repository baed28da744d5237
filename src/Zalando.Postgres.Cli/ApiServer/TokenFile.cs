using Zalando.Postgres.Cli.CommandLine;
using Zalando.Postgres.Sdk.Testing.ApiServer;

namespace Zalando.Postgres.Cli.ApiServer;

/// <summary>A file of bearer tokens: <c>token,user,uid,"group1,group2"</c>.</summary>
internal static class TokenFile
{
    public static async Task<IReadOnlyList<TokenUser>> ReadAsync(string file, CancellationToken cancellationToken)
    {
        var users = new List<TokenUser>();
        var number = 0;
        foreach (var line in await File.ReadAllLinesAsync(file, cancellationToken).ConfigureAwait(false))
        {
            number++;
            if (line.Length == 0 || line[0] == '#') continue;
            var parts = line.Split(',', 4, StringSplitOptions.TrimEntries);
            // The line may hold a secret: the error names only its number.
            if (parts.Length < 3 || parts[0].Length == 0 || parts[1].Length == 0) throw new CommandException($"{file}: line {number} is not token,user,uid[,\"group1,group2\"].", ExitCodes.Usage);
            var groups = parts.Length == 4 ? parts[3].Trim('"').Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) : [];
            users.Add(new TokenUser(parts[0], new RequestUser(parts[1], parts[2].Length == 0 ? null : parts[2], groups)));
        }

        return users;
    }
}
