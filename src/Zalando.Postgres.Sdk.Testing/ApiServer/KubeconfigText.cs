namespace Zalando.Postgres.Sdk.Testing.ApiServer;

/// <summary>Kubeconfig files for this server.</summary>
internal static class KubeconfigText
{
    public static string For(Uri url, string? token, string? authorityBase64) => $"""
        apiVersion: v1
        kind: Config
        clusters:
        - name: in-memory
          cluster:
            server: {url.GetLeftPart(UriPartial.Authority)}{(authorityBase64 is null ? "" : "\n    certificate-authority-data: " + authorityBase64)}
        users:
        - name: admin
          user: {(token is null ? "{}" : "\n    token: " + token)}
        contexts:
        - name: in-memory
          context:
            cluster: in-memory
            user: admin
            namespace: default
        current-context: in-memory

        """;

    public static async Task WriteAsync(string path, string text, CancellationToken cancellationToken)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        var file = new StreamWriter(path, options);
        await using (file.ConfigureAwait(false)) await file.WriteAsync(text.AsMemory(), cancellationToken).ConfigureAwait(false);
    }
}
