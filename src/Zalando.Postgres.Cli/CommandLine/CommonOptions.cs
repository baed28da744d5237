using System.CommandLine;

namespace Zalando.Postgres.Cli.CommandLine;

/// <summary>Options that mean the same in every command. An option belongs to one command, so each call makes a new one.</summary>
public static class CommonOptions
{
    /// <summary><c>-o, --output text|json</c>.</summary>
    public static Option<OutputFormat> Output() => Format("How to print the result: text or json.", OutputFormat.Text);

    /// <summary><c>-o, --output</c> with the values of an enumeration as words in lower case.</summary>
    /// <typeparam name="T">The formats.</typeparam>
    /// <param name="description">What the help says.</param>
    /// <param name="usual">The format when the option is not given.</param>
    public static Option<T> Format<T>(string description, T usual)
        where T : struct, Enum
    {
        var names = Enum.GetNames<T>();
        var words = names.Select(static n => n.ToLowerInvariant()).ToArray();
        return new Option<T>("--output", "-o")
        {
            Description = $"{description} Default: {usual.ToString().ToLowerInvariant()}.",
            HelpName = string.Join('|', words),
            CustomParser = result =>
            {
                var word = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
                var index = Array.FindIndex(words, w => w.Equals(word, StringComparison.OrdinalIgnoreCase));
                if (index >= 0) return Enum.Parse<T>(names[index]);
                result.AddError($"'{word}' is no output format: choose {string.Join(", ", words[..^1])} or {words[^1]}.");
                return usual;
            },
        };
    }

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
