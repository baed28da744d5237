using System.CommandLine;

namespace Zalando.Postgres.Sdk.Samples.Quickstart;

/// <summary>What the command line asks for.</summary>
internal sealed record QuickstartSettings(string Manifest, bool Once, bool Json, TimeSpan Timeout, string? Directory)
{
    public static RootCommand Command(Func<QuickstartSettings, CancellationToken, Task<int>> run)
    {
        var manifest = new Option<string>("--manifest", "-f")
        {
            Description = "The postgresql manifest to apply (YAML or JSON).",
            DefaultValueFactory = _ => DefaultManifest(),
            HelpName = "FILE",
        };
        var once = new Option<bool>("--once") { Description = "Create the cluster, verify it with queries on primary and replica, remove everything and end." };
        var output = new Option<string>("--output", "-o") { Description = "text, or json: one object a line.", DefaultValueFactory = _ => "text", HelpName = "text|json" };
        output.AcceptOnlyFromAmong("text", "json");
        var timeout = new Option<int>("--timeout") { Description = "Seconds until the cluster must be ready.", DefaultValueFactory = _ => 300, HelpName = "SECONDS" };
        var directory = new Option<string?>("--directory") { Description = "Where data, logs and kubeconfig go; a temporary directory that is removed at the end when absent.", HelpName = "DIR" };
        var root = new RootCommand("From a postgresql manifest to a running, highly available PostgreSQL on this machine: an in-memory Kubernetes API, the operator, and real Patroni and PostgreSQL processes.")
        {
            manifest, once, output, timeout, directory,
        };
        root.SetAction((result, cancellationToken) => run(
            new QuickstartSettings(
                result.GetRequiredValue(manifest),
                result.GetValue(once),
                result.GetValue(output) == "json",
                TimeSpan.FromSeconds(Math.Clamp(result.GetValue(timeout), 1, 3600)),
                result.GetValue(directory)),
            cancellationToken));
        return root;
    }

    // Beside the sources when run from a checkout, beside the program otherwise.
    private static string DefaultManifest()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var file = Path.Combine(folder.FullName, "samples", "manifests", "minimal.yaml");
            if (File.Exists(file)) return file;
        }

        return Path.Combine("samples", "manifests", "minimal.yaml");
    }
}
