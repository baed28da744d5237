using System.CommandLine;

namespace Zalando.Postgres.Cli.CommandLine;

/// <summary>Options that mean the same in every command. An option belongs to one command, so each call makes a new one.</summary>
public static class CommonOptions
{
    /// <summary><c>-o, --output text|json</c>.</summary>
    public static Option<OutputFormat> Output() => new("--output", "-o")
    {
        Description = "How to print the result: text or json.",
        HelpName = "text|json",
        DefaultValueFactory = static _ => OutputFormat.Text,
    };

    /// <summary><c>-f, --filename</c>: files, directories, or <c>-</c> for standard input. Required, repeatable.</summary>
    public static Option<string[]> Files() => new("--filename", "-f")
    {
        Description = "File or directory (all .yaml, .yml and .json files below it) to read; - reads standard input. May be repeated.",
        HelpName = "file|directory|-",
        Required = true,
        AllowMultipleArgumentsPerToken = true,
    };

    /// <summary><c>--config</c>: the operator's configuration.</summary>
    public static Option<string?> Configuration() => new("--config")
    {
        Description = "File with the OperatorConfiguration or the ConfigMap of the operator. Default: the built-in defaults.",
        HelpName = "file",
    };

    /// <summary><c>-n, --namespace</c>.</summary>
    public static Option<string?> Namespace() => new("--namespace", "-n")
    {
        Description = "Namespace. Default: that of the kubeconfig's context.",
        HelpName = "namespace",
    };

    /// <summary><c>--kubeconfig</c>.</summary>
    public static Option<string?> Kubeconfig() => new("--kubeconfig")
    {
        Description = "Kubeconfig file. Default: the files in KUBECONFIG, or ~/.kube/config.",
        HelpName = "file",
    };
}
