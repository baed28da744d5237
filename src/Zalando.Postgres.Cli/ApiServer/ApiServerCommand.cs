using System.CommandLine;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Zalando.Postgres.Cli.CommandLine;
using Zalando.Postgres.Sdk.Testing.ApiServer;
using Zalando.Postgres.Sdk.Testing.Controllers;

namespace Zalando.Postgres.Cli.ApiServer;

/// <summary><c>kubectl-pg apiserver</c>: an in-memory Kubernetes API server until it is ended.</summary>
public static class ApiServerCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var listen = new Option<string>("--listen") { Description = "Address and port to listen on; port 0 for a free one.", HelpName = "ADDRESS:PORT", DefaultValueFactory = static _ => "127.0.0.1:0" };
        var kubeconfig = new Option<string?>("--kubeconfig") { Description = "Write a kubeconfig for the server to this file.", HelpName = "FILE" };
        var tokens = new Option<string?>("--token-auth-file") { Description = "Bearer tokens, one a line: token,user,uid,\"group1,group2\".", HelpName = "FILE" };
        var anonymous = new Option<bool>("--anonymous-auth") { Description = "Whether requests without credentials are let in.", HelpName = "true|false", DefaultValueFactory = static _ => true };
        var state = new Option<string?>("--state") { Description = "Load the objects from this YAML file, and save them there at the end.", HelpName = "FILE" };
        var controllers = new Option<string>("--controllers") { Description = "Controllers to run: all, none, or a list with commas.", HelpName = "all|none|LIST", DefaultValueFactory = static _ => "all" };
        var authorization = new Option<string>("--authorization") { Description = "Who may do what: rbac or always-allow.", HelpName = "rbac|always-allow", DefaultValueFactory = static _ => "always-allow" };
        var tls = new Option<bool>("--tls") { Description = "Speak HTTPS, with a certificate made at start unless --tls-cert-file names one." };
        var certificate = new Option<string?>("--tls-cert-file") { Description = "Certificate of the server (PEM), its own first; implies --tls.", HelpName = "FILE" };
        var key = new Option<string?>("--tls-private-key-file") { Description = "Key of --tls-cert-file (PEM).", HelpName = "FILE" };
        var clients = new Option<string?>("--client-ca-file") { Description = "Authorities (PEM) whose client certificates are believed: CN is the user, O the groups; implies --tls.", HelpName = "FILE" };
        var command = new Command("apiserver", "Run an in-memory Kubernetes API server.") { listen, kubeconfig, tokens, anonymous, state, controllers, authorization, tls, certificate, key, clients };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            if (parsed.GetValue(certificate) is null != parsed.GetValue(key) is null) throw new CommandException("--tls-cert-file and --tls-private-key-file belong together.", ExitCodes.Usage);
            var address = IPEndPoint.TryParse(parsed.GetValue(listen) ?? "", out var endpoint) ? endpoint : throw new CommandException($"--listen: \"{parsed.GetValue(listen)}\" is no ADDRESS:PORT.", ExitCodes.Usage);
            var options = new ApiServerOptions
            {
                ListenAddress = address.Address,
                Port = address.Port,
                AnonymousAuthentication = parsed.GetValue(anonymous),
                StateFile = parsed.GetValue(state),
                TokenUsers = parsed.GetValue(tokens) is { } file ? await TokenFile.ReadAsync(file, cancellationToken).ConfigureAwait(false) : [],
                Controllers = Controllers(parsed.GetValue(controllers)),
                Authorization = parsed.GetValue(authorization) switch
                {
                    "rbac" => AuthorizationMode.Rbac,
                    "always-allow" or null => AuthorizationMode.AlwaysAllow,
                    var other => throw new CommandException($"--authorization: \"{other}\" is neither rbac nor always-allow.", ExitCodes.Usage),
                },
                UseTls = parsed.GetValue(tls) || parsed.GetValue(certificate) is not null || parsed.GetValue(clients) is not null,
                ServerCertificate = parsed.GetValue(certificate) is { } given ? Certificate(given, parsed.GetValue(key)!) : null,
                ClientCertificateAuthorities = parsed.GetValue(clients) is { } authorities ? [.. Authorities(authorities)] : [],
            };
            await RunAsync(options, parsed.GetValue(kubeconfig), parsed.InvocationConfiguration.Output, cancellationToken).ConfigureAwait(false);
            return ExitCodes.Success;
        });
        return command;
    }

    private static string[]? Controllers(string? text)
    {
        if (text is null or "all") return null;
        if (text == "none") return [];
        var names = text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var unknown = names.FirstOrDefault(static n => !ControllerHost.IsKnown(n));
        if (names.Length > 0 && unknown is null) return names;
        throw new CommandException($"--controllers: \"{unknown ?? text}\" is no controller; there are: all, none, {string.Join(", ", ControllerHost.DefaultControllers)}.", ExitCodes.Usage);
    }

    private static X509Certificate2 Certificate(string file, string key)
    {
        try
        {
            return X509Certificate2.CreateFromPemFile(file, key);
        }
        catch (CryptographicException e)
        {
            // The key is never shown.
            throw new CommandException($"--tls-cert-file, --tls-private-key-file: {file} and {key} are no certificate with its key in PEM: {e.Message}", ExitCodes.Usage);
        }
    }

    private static X509Certificate2Collection Authorities(string file)
    {
        var authorities = new X509Certificate2Collection();
        try
        {
            authorities.ImportFromPemFile(file);
        }
        catch (CryptographicException e)
        {
            throw new CommandException($"--client-ca-file: {file} has no certificates in PEM: {e.Message}", ExitCodes.Usage);
        }

        return authorities.Count > 0 ? authorities : throw new CommandException($"--client-ca-file: {file} has no certificates in PEM.", ExitCodes.Usage);
    }

    private static async Task RunAsync(ApiServerOptions options, string? kubeconfig, TextWriter output, CancellationToken cancellationToken)
    {
        var server = await StartAsync(options, cancellationToken).ConfigureAwait(false);
        await using (server.ConfigureAwait(false))
        {
            if (kubeconfig is not null) await server.WriteKubeconfigAsync(kubeconfig, cancellationToken).ConfigureAwait(false);
            await output.WriteLineAsync(server.Url.GetLeftPart(UriPartial.Authority)).ConfigureAwait(false);
            await output.FlushAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                // SIGTERM or Ctrl-C: the usual end.
            }
        }
    }

    private static async Task<InMemoryApiServer> StartAsync(ApiServerOptions options, CancellationToken cancellationToken)
    {
        try
        {
            return await InMemoryApiServer.StartAsync(options, cancellationToken).ConfigureAwait(false);
        }
        catch (InvalidDataException e)
        {
            throw new CommandException($"--state: {options.StateFile}: {e.Message}");
        }
    }
}
