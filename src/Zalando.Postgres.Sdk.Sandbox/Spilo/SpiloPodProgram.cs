using System.Globalization;
using System.Net;
using System.Text.Json;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Sandbox.Certificates;
using Zalando.Postgres.Sdk.Sandbox.Network;
using Zalando.Postgres.Sdk.Sandbox.Pods;
using Zalando.Postgres.Sdk.Sandbox.Processes;

namespace Zalando.Postgres.Sdk.Sandbox.Spilo;

/// <summary>Runs a database pod: Patroni, which runs PostgreSQL.</summary>
internal sealed class SpiloPodProgram(
    SandboxDirectory directory, SandboxPrograms programs, SandboxOptions options, ThrowAwayAuthority authority, SandboxServices services, string kubeconfig, string kubeconfigContext) : IPodProgramFactory
{
    private const string ConfigurationFile = "patroni.yml";
    private const string DefaultRoot = "/home/postgres/pgdata/pgroot";
    private readonly ImageFiles _image = new(directory, programs);

    public bool Runs(Container container) => container.Image?.Contains("spilo", StringComparison.OrdinalIgnoreCase) == true;

    public PodProgram Prepare(PodContext context)
    {
        var environment = context.Environment;
        var run = context.RunDirectory;
        var root = context.Volumes.Map(environment.GetValueOrDefault("PGROOT") is { Length: > 0 } given ? given : DefaultRoot);
        if (!root.StartsWith(directory.Root + "/", StringComparison.Ordinal))
        {
            // No claim mounted there: the data lives as long as the pod.
            root = directory.Create("pods", Path.GetFileName(run), "pgroot");
        }

        directory.Create(Path.GetRelativePath(directory.Root, root).Split('/'));
        // A container that starts again has the files of its image only, and those of its volumes.
        SandboxDirectory.Remove(Path.Combine(run, "home"));
        var home = directory.Create("pods", Path.GetFileName(run), "home");
        var (bin, difference) = ChoosePostgres(environment, Path.Combine(root, "data"));
        var (certificate, key) = WriteCertificate(context, run);
        var configuration = PatroniConfiguration.Build(new PatroniConfigurationInput
        {
            Environment = environment,
            PodName = context.Name,
            Namespace = context.Namespace,
            PodAddress = context.Address.ToString(),
            BinDirectory = bin,
            PostgresRoot = root,
            RunDirectory = run,
            CertificateFile = certificate,
            PrivateKeyFile = key,
            KubeconfigContext = kubeconfigContext,
            PostInitCommand = WriteScript(run, "post-init", $"exec {Quote(Path.Combine(bin, "psql"))} -X -q -d \"$1\" -v human_role=\"$HUMAN_ROLE\" -f {Quote(Path.Combine(run, "post-init.sql"))}\n"),
            CloneCommand = WriteScript(run, "clone", CloneScript(context, bin)),
            MapPath = context.Volumes.Map,
            ResolveHost = host => services.Resolve(host, context.Namespace)?.ToString() ?? host,
            HasLibrary = library => SandboxPrograms.HasLibrary(bin, library),
            MemoryLimit = context.Container.Resources?.Limits is { } limits && limits.TryGetValue("memory", out var memory) ? memory.Value : null,
            Timing = options.PatroniTiming,
            SynchronousDisk = options.SynchronousDisk,
        });
        directory.WriteFile(Path.Combine(run, "post-init.sql"), SandboxDirectory.Resource("post-init.sql"));
        var file = Path.Combine(run, ConfigurationFile);
        directory.WriteFile(file, configuration.Document.ToJsonString(new JsonSerializerOptions { WriteIndented = true }));
        var notes = new List<string>(configuration.Notes);
        if (difference is not null) notes.Insert(0, difference);

        // Left from a run whose supervisor was killed: Patroni would adopt it, and nobody would end it any more.
        if (ProcessTree.KillLeftPostmaster(configuration.DataDirectory)) notes.Add("A PostgreSQL that was left behind by an earlier run has been killed.");
        var variables = Variables(environment, run, bin);
        return new PodProgram
        {
            Command = new ContainerCommand { Program = [programs.Patroni, file], Environment = variables, WorkingDirectory = root },
            ExecEnvironment = new Dictionary<string, string>(variables, StringComparer.Ordinal)
            {
                ["PGHOST"] = run,
                ["PGUSER"] = environment.GetValueOrDefault("PGUSER_SUPERUSER") ?? "postgres",
                ["PGDATA"] = configuration.DataDirectory,
                ["PATRONICTL_CONFIG_FILE"] = file,
            },
            MapWord = word => _image.Translate(word, context.Volumes.Map, home, file),
            StartedWhenListening = new IPEndPoint(context.Address, 8008),
            Notes = notes,
            DataDirectory = configuration.DataDirectory,
        };
    }

    private static string Quote(string word) => "'" + word.Replace("'", "'\\''", StringComparison.Ordinal) + "'";

    // As the image does: data keeps its version, and a new member gets the one that is asked for.
    private (string Bin, string? Difference) ChoosePostgres(IReadOnlyDictionary<string, string> environment, string dataDirectory)
    {
        var versionFile = Path.Combine(dataDirectory, "PG_VERSION");
        if (File.Exists(versionFile) && Number(File.ReadAllText(versionFile).Trim()) is > 0 and var present)
        {
            return programs.FindPostgres(present) is { } own ? (own, null)
                : throw new SandboxException($"The data directory {dataDirectory} is of PostgreSQL {present}, which this machine does not have.");
        }

        if (environment.GetValueOrDefault("PGVERSION") is not { Length: > 0 } wished) return (programs.PostgresBin, null);
        return programs.FindPostgres(Number(wished)) is { } found ? (found, null) : (programs.PostgresBin, $"PostgreSQL {programs.PostgresVersion} of this machine runs instead of {wished}.");

        static int Number(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
    }

    private Dictionary<string, string> Variables(IReadOnlyDictionary<string, string> environment, string run, string bin)
    {
        var variables = new Dictionary<string, string>(environment, StringComparer.Ordinal)
        {
            ["PATH"] = $"{bin}:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
            ["HOME"] = run,
            ["LANG"] = "C.UTF-8",
            ["LC_ALL"] = "C.UTF-8",
            ["KUBECONFIG"] = kubeconfig,
            ["PYTHONUNBUFFERED"] = "1",
        };
        variables.TryAdd("PGUSER_SUPERUSER", "postgres");
        variables.TryAdd("HUMAN_ROLE", string.Empty);
        // They would send Patroni to a cluster that is not ours.
        variables.Remove("KUBERNETES_SERVICE_HOST");
        variables.Remove("KUBERNETES_SERVICE_PORT");
        return variables;
    }

    private (string Certificate, string Key) WriteCertificate(PodContext context, string run)
    {
        var certificate = Path.Combine(run, "server.crt");
        var key = Path.Combine(run, "server.key");
        var scope = context.Environment.GetValueOrDefault("SCOPE") is { Length: > 0 } given ? given : context.Name;
        var issued = authority.Issue(context.Name, context.Address, [scope, $"{scope}.{context.Namespace}", $"{scope}.{context.Namespace}.svc", $"{scope}.{context.Namespace}.svc.cluster.local"]);
        directory.WriteFile(certificate, issued.CertificatePem);
        directory.WriteFile(key, issued.PrivateKeyPem);
        return (certificate, key);
    }

    private string WriteScript(string run, string name, string body)
    {
        var file = Path.Combine(run, name + ".sh");
        directory.WriteFile(file, "#!/bin/sh\n" + body);
        return "/bin/sh " + file;
    }

    private string CloneScript(PodContext context, string bin)
    {
        var host = context.Environment.GetValueOrDefault("CLONE_HOST") ?? string.Empty;
        var address = services.Resolve(host, context.Namespace)?.ToString() ?? host;
        return $$"""
            for argument in "$@"; do
              case $argument in --datadir=*) datadir=${argument#--datadir=} ;; esac
            done
            export PGPASSWORD="$CLONE_PASSWORD"
            exec {{Quote(Path.Combine(bin, "pg_basebackup"))}} --pgdata="$datadir" --wal-method=stream --checkpoint=fast --no-password \
              --host={{Quote(address)}} --port="${CLONE_PORT:-5432}" --username="$CLONE_USER"

            """;
    }
}
