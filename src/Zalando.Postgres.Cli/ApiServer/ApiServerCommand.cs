using System.CommandLine;
using System.Net;
using Zalando.Postgres.Cli.CommandLine;
using Zalando.Postgres.Sdk.Testing.ApiServer;

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
        var anonymous = new Option<bool>("--anonymous-auth") { Description = "Whether requests without credentials are let in.", DefaultValueFactory = static _ => true };
        var state = new Option<string?>("--state") { Description = "Load the objects from this YAML file, and save them there at the end.", HelpName = "FILE" };
        var controllers = new Option<string>("--controllers") { Description = "Controllers to run: all, none, or a list with commas.", HelpName = "all|none|LIST", DefaultValueFactory = static _ => "all" };
        var authorization = new Option<string>("--authorization") { Description = "Who may do what: rbac or always-allow.", HelpName = "rbac|always-allow", DefaultValueFactory = static _ => "always-allow" };
        var command = new Command("apiserver", "Run an in-memory Kubernetes API server.") { listen, kubeconfig, tokens, anonymous, state, controllers, authorization };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var address = IPEndPoint.TryParse(parsed.GetValue(listen) ?? "", out var endpoint) ? endpoint : throw new CommandException($"--listen: \"{parsed.GetValue(listen)}\" is no ADDRESS:PORT.", ExitCodes.Usage);
            var options = new ApiServerOptions
            {
                ListenAddress = address.Address,
                Port = address.Port,
                AnonymousAuthentication = parsed.GetValue(anonymous),
                StateFile = parsed.GetValue(state),
                TokenUsers = parsed.GetValue(tokens) is { } file ? await TokenFile.ReadAsync(file, cancellationToken).ConfigureAwait(false) : [],
                Controllers = parsed.GetValue(controllers) switch { "all" or null => null, "none" => [], var list => list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) },
                Authorization = parsed.GetValue(authorization) switch
                {
                    "rbac" => AuthorizationMode.Rbac,
                    "always-allow" or null => AuthorizationMode.AlwaysAllow,
                    var other => throw new CommandException($"--authorization: \"{other}\" is neither rbac nor always-allow.", ExitCodes.Usage),
                },
            };
            await RunAsync(options, parsed.GetValue(kubeconfig), parsed.InvocationConfiguration.Output, cancellationToken).ConfigureAwait(false);
            return ExitCodes.Success;
        });
        return command;
    }

    private static async Task RunAsync(ApiServerOptions options, string? kubeconfig, TextWriter output, CancellationToken cancellationToken)
    {
        var server = await InMemoryApiServer.StartAsync(options, cancellationToken).ConfigureAwait(false);
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
}
