using System.CommandLine;

namespace Zalando.Postgres.Cli.Planning;

/// <summary>Options of the commands that plan.</summary>
internal static class PlanOptions
{
    public static Option<string[]> With() => new("--with")
    {
        Description = "File or directory with further objects that exist, such as environment secrets. May be repeated.",
        HelpName = "file|directory",
        AllowMultipleArgumentsPerToken = true,
        DefaultValueFactory = static _ => [],
    };

    public static Option<string?> Observed() => new("--observed")
    {
        Description = "What exists: a file or directory with exported objects, or the word cluster for the API server of the kubeconfig. Default: cluster.",
        HelpName = "file|directory|cluster",
    };

    public static Option<string?> Now() => new("--now")
    {
        Description = "The time to plan for, for example 2026-01-31T12:00:00Z. Default: now.",
        HelpName = "time",
    };

    public static Option<bool> WithDatabases() => new("--with-databases")
    {
        Description = "Read roles and databases of the running primary as its super user, changing nothing, and plan them, too. Needs the rights to read the super user's "
            + "Secret and to forward a port of the primary's pod (get or create pods/portforward). Sessions are encrypted.",
    };

    public static Option<string?> DatabaseAddress() => new("--database-address")
    {
        Description = "Where the primary is reached directly. Default: through the API server.",
        HelpName = "host[:port]",
    };

    public static Option<string> Format(params string[] allowed)
    {
        var option = new Option<string>("--output", "-o")
        {
            Description = $"How to print the result: {string.Join(", ", allowed)}.",
            HelpName = string.Join('|', allowed),
            DefaultValueFactory = _ => allowed[0],
        };
        option.AcceptOnlyFromAmong(allowed);
        return option;
    }
}
