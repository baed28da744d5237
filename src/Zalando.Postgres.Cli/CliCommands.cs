using System.CommandLine;

namespace Zalando.Postgres.Cli;

/// <summary>The commands of <c>kubectl-pg</c>, one line each, in the order of the help text.</summary>
public static class CliCommands
{
    /// <summary>Makes all commands.</summary>
    public static IReadOnlyList<Command> CreateAll() =>
    [
        Validate.ValidateCommand.Create(),
        Planning.RenderCommand.Create(),
        Planning.PlanCommand.Create(),
        Planning.DiffCommand.Create(),
        Planning.ExplainCommand.Create(),
        Operations.HistoryCommand.Create(),
        Operations.SwitchoverCommand.Create(),
        Operations.UpgradeCommand.Create(),
        Conversion.ConvertCommand.Create(),
        Crds.CrdsCommand.Create(),
        Schema.SchemaCommand.Create(),
        ApiServer.ApiServerCommand.Create(),
        Version.VersionCommand.Create(),
    ];
}
