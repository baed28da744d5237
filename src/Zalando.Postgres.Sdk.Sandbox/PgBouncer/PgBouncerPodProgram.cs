using System.Globalization;
using System.Net;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Sandbox.Certificates;
using Zalando.Postgres.Sdk.Sandbox.Network;
using Zalando.Postgres.Sdk.Sandbox.Pods;
using Zalando.Postgres.Sdk.Sandbox.Processes;

namespace Zalando.Postgres.Sdk.Sandbox.PgBouncer;

/// <summary>Runs a pooler pod.</summary>
internal sealed class PgBouncerPodProgram(SandboxDirectory directory, SandboxPrograms programs, ThrowAwayAuthority authority, SandboxServices services) : IPodProgramFactory
{
    private const string Template = "/etc/pgbouncer/pgbouncer.ini.tmpl";
    private const string AuthFile = "/etc/pgbouncer/userlist.txt";

    public bool Runs(Container container) => container.Image?.Contains("pgbouncer", StringComparison.OrdinalIgnoreCase) == true;

    public PodProgram Prepare(PodContext context)
    {
        if (programs.PgBouncer.Length == 0) throw new SandboxException("This machine has no pgbouncer: install the Debian package pgbouncer.");
        var environment = context.Environment;
        var run = context.RunDirectory;
        var auth = context.Volumes.Map(AuthFile);
        if (auth == AuthFile || !File.Exists(auth))
        {
            auth = Path.Combine(run, "userlist.txt");
            directory.WriteFile(auth, UserList(environment));
        }

        var host = environment.GetValueOrDefault("PGHOST") ?? throw new SandboxException("The environment variable PGHOST of the pooler is missing.");
        var address = services.Resolve(host, context.Namespace)?.ToString() ?? throw new PodConfigurationException($"service \"{host}\" not found");
        var file = Path.Combine(run, "pgbouncer.ini");
        var (certificate, key) = Certificate(context, run);
        var template = context.Volumes.Map(Template);
        directory.WriteFile(file, template == Template || !File.Exists(template)
            ? PgBouncerConfiguration.Build(environment, context.Address.ToString(), address, auth, certificate, key, run)
            : PgBouncerTemplate.Fill(File.ReadAllText(template), environment, context.Volumes.Map, new(StringComparer.Ordinal)
            {
                ["listen_addr"] = context.Address.ToString(), ["unix_socket_dir"] = run, ["auth_file"] = auth, ["client_tls_cert_file"] = certificate, ["client_tls_key_file"] = key,
                ["client_tls_ca_file"] = context.Volumes.Map(environment.GetValueOrDefault("CONNECTION_POOLER_CLIENT_CA_FILE") ?? string.Empty),
            }, address));
        var port = int.TryParse(environment.GetValueOrDefault("CONNECTION_POOLER_PORT"), NumberStyles.None, CultureInfo.InvariantCulture, out var given) ? given : 5432;
        var variables = new Dictionary<string, string>(environment, StringComparer.Ordinal)
        {
            ["PATH"] = $"{programs.PostgresBin}:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
            ["HOME"] = run,
            ["LANG"] = "C.UTF-8",
        };
        // Libpq settings of the pod are for its own use of psql; the server side is in the file.
        return new PodProgram
        {
            Command = new ContainerCommand { Program = [programs.PgBouncer, file], Environment = variables, WorkingDirectory = run },
            ExecEnvironment = new Dictionary<string, string>(variables, StringComparer.Ordinal) { ["PGHOST"] = address },
            MapWord = context.Volumes.Map,
            StartedWhenListening = new IPEndPoint(context.Address, port),
        };
    }

    private static string UserList(IReadOnlyDictionary<string, string> environment) =>
        $"\"{Doubled(environment.GetValueOrDefault("PGUSER"))}\" \"{Doubled(environment.GetValueOrDefault("PGPASSWORD"))}\"\n";

    private static string Doubled(string? text) => (text ?? string.Empty).Replace("\"", "\"\"", StringComparison.Ordinal);

    private (string Certificate, string Key) Certificate(PodContext context, string run)
    {
        if (context.Environment.GetValueOrDefault("CONNECTION_POOLER_CLIENT_TLS_CRT") is { Length: > 0 } certificate
            && context.Environment.GetValueOrDefault("CONNECTION_POOLER_CLIENT_TLS_KEY") is { Length: > 0 } key)
        {
            return (context.Volumes.Map(certificate), context.Volumes.Map(key));
        }

        var issued = authority.Issue(context.Name, context.Address);
        var certificateFile = Path.Combine(run, "server.crt");
        var keyFile = Path.Combine(run, "server.key");
        directory.WriteFile(certificateFile, issued.CertificatePem);
        directory.WriteFile(keyFile, issued.PrivateKeyPem);
        return (certificateFile, keyFile);
    }
}
