using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Zalando.Postgres.Sdk.Kubernetes.Configuration;

/// <summary>Credentials that a program prints, kept until shortly before they expire or until the server refuses them. The program runs once at a time.</summary>
internal sealed class ExecCredentials(ExecCredentialPlugin plugin, TimeProvider timeProvider) : IKubernetesCredentials
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim _turn = new(1, 1);
    private volatile Known? _known;

    public async ValueTask<KubernetesCredential> GetAsync(CancellationToken cancellationToken)
    {
        if (_known is { } known && IsFresh(known)) return known.Credential;
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_known is { } renewed && IsFresh(renewed)) return renewed.Credential;
            var fresh = await RunAsync(cancellationToken).ConfigureAwait(false);
            _known = fresh;
            return fresh.Credential;
        }
        finally
        {
            _turn.Release();
        }
    }

    public bool Refuse(KubernetesCredential refused)
    {
        if (_known is { } known && ReferenceEquals(known.Credential, refused)) _known = null;
        return true;
    }

    private bool IsFresh(Known known) => known.Expires is null || timeProvider.GetUtcNow() < known.Expires - Margin;

    private async Task<Known> RunAsync(CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(plugin.Command)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            WorkingDirectory = plugin.WorkingDirectory ?? "",
        };
        foreach (var argument in plugin.Arguments) start.ArgumentList.Add(argument);
        foreach (var (name, value) in plugin.Environment) start.Environment[name] = value;
        start.Environment["KUBERNETES_EXEC_INFO"] = ExecInfo();

        using var timeout = new CancellationTokenSource(Deadline, timeProvider);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        using var process = new Process { StartInfo = start };
        try
        {
            process.Start();
        }
        catch (Exception exception) when (exception is System.ComponentModel.Win32Exception or InvalidOperationException)
        {
            throw new KubernetesCredentialException($"the credential program {plugin.Command} cannot be started: {exception.Message}. {plugin.InstallHint}".TrimEnd(), exception);
        }

        try
        {
            process.StandardInput.Close();
            var output = process.StandardOutput.ReadToEndAsync(linked.Token);
            var errors = process.StandardError.ReadToEndAsync(linked.Token);
            var text = await output.ConfigureAwait(false);
            var errorText = await errors.ConfigureAwait(false);
            await process.WaitForExitAsync(linked.Token).ConfigureAwait(false);
            if (process.ExitCode != 0)
                throw new KubernetesCredentialException($"the credential program {plugin.Command} ended with code {process.ExitCode}: {FirstLine(errorText)}. {plugin.InstallHint}".TrimEnd());
            return Read(text);
        }
        catch (OperationCanceledException exception)
        {
            process.Kill(entireProcessTree: true);
            cancellationToken.ThrowIfCancellationRequested();
            throw new KubernetesCredentialException($"the credential program {plugin.Command} did not end within {Deadline.TotalSeconds:0} s; it must not ask questions here", exception);
        }
    }

    private string ExecInfo()
    {
        var spec = new JsonObject { ["interactive"] = false };
        if (plugin.ClusterInfo is not null) spec["cluster"] = JsonNode.Parse(plugin.ClusterInfo);
        return new JsonObject { ["apiVersion"] = plugin.ApiVersion, ["kind"] = "ExecCredential", ["spec"] = spec }.ToJsonString();
    }

    private Known Read(string text)
    {
        JsonObject? answer;
        try
        {
            answer = JsonNode.Parse(text) as JsonObject;
        }
        catch (JsonException exception)
        {
            // The parser's message may quote the text, and the text is the secret.
            throw new KubernetesCredentialException($"the credential program {plugin.Command} did not print JSON (line {exception.LineNumber + 1})");
        }

        if (Text(answer, "kind") is not "ExecCredential" || answer!["status"] is not JsonObject status)
            throw new KubernetesCredentialException($"the credential program {plugin.Command} did not print an ExecCredential with a status");
        if (Text(answer, "apiVersion") is { } version && version != plugin.ApiVersion)
            throw new KubernetesCredentialException($"the credential program {plugin.Command} printed {version}, and the kubeconfig asks for {plugin.ApiVersion}; change users[].user.exec.apiVersion");
        var token = Text(status, "token");
        var certificate = ReadCertificate(Text(status, "clientCertificateData"), Text(status, "clientKeyData"));
        if (token is null && certificate is null)
            throw new KubernetesCredentialException($"the credential program {plugin.Command} printed neither a token nor a client certificate with its key");
        DateTimeOffset? expires = null;
        if (Text(status, "expirationTimestamp") is { } stamp)
        {
            expires = DateTimeOffset.TryParse(stamp, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var parsed)
                ? parsed
                : throw new KubernetesCredentialException($"the credential program {plugin.Command} printed the expirationTimestamp {stamp}, which is no RFC 3339 time");
        }

        return new Known(new KubernetesCredential { Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token), Certificate = certificate }, expires);
    }

    private X509Certificate2? ReadCertificate(string? certificate, string? key)
    {
        if (certificate is null && key is null) return null;
        if (certificate is null || key is null)
            throw new KubernetesCredentialException($"the credential program {plugin.Command} printed only one of clientCertificateData and clientKeyData");
        try
        {
            return PemFiles.Certificate(certificate, key);
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException)
        {
            throw new KubernetesCredentialException($"the client certificate that {plugin.Command} printed cannot be used: {exception.Message}", exception);
        }
    }

    private static string? Text(JsonObject? value, string field) => value?[field] is JsonValue found && found.TryGetValue<string>(out var text) && text.Length > 0 ? text : null;

    private static string FirstLine(string text)
    {
        var line = text.AsSpan().Trim();
        var end = line.IndexOf('\n');
        if (end >= 0) line = line[..end];
        return line.Length > 300 ? line[..300].ToString() : line.ToString();
    }

    private sealed record Known(KubernetesCredential Credential, DateTimeOffset? Expires);
}
