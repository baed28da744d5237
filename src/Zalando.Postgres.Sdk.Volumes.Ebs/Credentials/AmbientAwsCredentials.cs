using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Zalando.Postgres.Sdk.Volumes.Ebs.Ec2;

namespace Zalando.Postgres.Sdk.Volumes.Ebs.Credentials;

/// <summary>
/// Credentials as programs on Amazon's machines find them: environment variables, else the web identity of the pod's service account
/// (<c>AWS_ROLE_ARN</c>, <c>AWS_WEB_IDENTITY_TOKEN_FILE</c>), else the role of the machine through its metadata service, version 2.
/// </summary>
/// <remarks>Temporary credentials are kept until five minutes before they end.</remarks>
public sealed partial class AmbientAwsCredentials : IAwsCredentialSource, IDisposable
{
    // Amazon's own programs renew in this distance; the metadata service has new ones at least five minutes before the end.
    private static readonly TimeSpan Renewal = TimeSpan.FromMinutes(5);
    private readonly EbsOptions _options;
    private readonly HttpClient _http;
    private readonly TimeProvider _time;
    private readonly Func<string, string?> _environment;
    private readonly SemaphoreSlim _one = new(1, 1);
    private AwsCredentials? _kept;

    /// <summary>Makes a source.</summary>
    /// <param name="options">Addresses and deadlines.</param>
    /// <param name="handler">The transport; it stays the caller's.</param>
    /// <param name="timeProvider">The clock.</param>
    /// <param name="environment">Reads an environment variable.</param>
    public AmbientAwsCredentials(EbsOptions options, HttpMessageHandler handler, TimeProvider timeProvider, Func<string, string?> environment)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _time = timeProvider;
        _environment = environment;
        _http = new HttpClient(handler, disposeHandler: false) { Timeout = options.Timeout, MaxResponseContentBufferSize = 1 << 20 };
    }

    /// <inheritdoc />
    public async Task<AwsCredentials> GetAsync(string region, CancellationToken cancellationToken)
    {
        if (FromEnvironment() is { } lasting) return lasting;
        await _one.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_kept is { } kept && (kept.Expiration is null || kept.Expiration - _time.GetUtcNow() > Renewal)) return kept;
            return _kept = await FindAsync(region, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _one.Release();
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _http.Dispose();
        _one.Dispose();
    }

    private AwsCredentials? FromEnvironment() => Text("AWS_ACCESS_KEY_ID") is { } id && Text("AWS_SECRET_ACCESS_KEY") is { } key
        ? new AwsCredentials { AccessKeyId = id, SecretAccessKey = key, SessionToken = Text("AWS_SESSION_TOKEN") }
        : null;

    private Task<AwsCredentials> FindAsync(string region, CancellationToken cancellationToken)
    {
        if (Text("AWS_ROLE_ARN") is { } role && Text("AWS_WEB_IDENTITY_TOKEN_FILE") is { } file) return AssumeRoleAsync(role, file, region, cancellationToken);
        if (string.Equals(Text("AWS_EC2_METADATA_DISABLED"), "true", StringComparison.OrdinalIgnoreCase))
        {
            throw new EbsException("There are no AWS credentials: neither AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY nor AWS_ROLE_ARN and AWS_WEB_IDENTITY_TOKEN_FILE are set, and AWS_EC2_METADATA_DISABLED is true. Give the operator's service account a role.");
        }

        return AskMachineAsync(cancellationToken);
    }

    private async Task<AwsCredentials> AssumeRoleAsync(string role, string file, string region, CancellationToken cancellationToken)
    {
        string token;
        try
        {
            // Read each time: the kubelet replaces the file.
            token = (await File.ReadAllTextAsync(file, cancellationToken).ConfigureAwait(false)).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new EbsException($"The token file {file} of AWS_WEB_IDENTITY_TOKEN_FILE cannot be read: {e.Message}", e);
        }

        using var request = new HttpRequestMessage(HttpMethod.Post, _options.SecurityTokenEndpoint ?? AwsRegion.Endpoint("sts", region))
        {
            Content = new FormUrlEncodedContent(
            [
                new("Action", "AssumeRoleWithWebIdentity"),
                new("Version", "2011-06-15"),
                new("RoleArn", role),
                new("RoleSessionName", Text("AWS_ROLE_SESSION_NAME") ?? "postgres-operator"),
                new("WebIdentityToken", token),
            ]),
        };
        var (status, text) = await SendAsync(request, cancellationToken).ConfigureAwait(false);
        var answer = AwsAnswer.Read("AssumeRoleWithWebIdentity", status, text, [token]);
        var found = answer.Descendant("Credentials");
        return new AwsCredentials
        {
            AccessKeyId = found.Required("AccessKeyId"),
            SecretAccessKey = found.Required("SecretAccessKey"),
            SessionToken = found.Required("SessionToken"),
            Expiration = found.Time("Expiration"),
        };
    }

    private async Task<AwsCredentials> AskMachineAsync(CancellationToken cancellationToken)
    {
        using var opening = new HttpRequestMessage(HttpMethod.Put, new Uri(_options.MetadataEndpoint, "/latest/api/token"));
        opening.Headers.Add("X-aws-ec2-metadata-token-ttl-seconds", "300");
        var token = (await MetadataAsync(opening, cancellationToken).ConfigureAwait(false)).Trim();

        const string Roles = "/latest/meta-data/iam/security-credentials/";
        var role = (await MetadataAsync(Get(Roles, token), cancellationToken).ConfigureAwait(false)).Split('\n')[0].Trim();
        if (!RoleName().IsMatch(role)) throw new EbsException("The metadata service of the machine names no role. Give the machine or the operator's service account a role.");
        var text = await MetadataAsync(Get(Roles + role, token), cancellationToken).ConfigureAwait(false);
        try
        {
            using var json = JsonDocument.Parse(text);
            var root = json.RootElement;
            if (root.TryGetProperty("Code", out var code) && code.GetString() is { } words and not "Success") throw new EbsException($"The metadata service has no credentials of role {role}: {words}");
            return new AwsCredentials
            {
                AccessKeyId = root.GetProperty("AccessKeyId").GetString()!,
                SecretAccessKey = root.GetProperty("SecretAccessKey").GetString()!,
                SessionToken = root.GetProperty("Token").GetString(),
                Expiration = DateTimeOffset.Parse(root.GetProperty("Expiration").GetString()!, CultureInfo.InvariantCulture),
            };
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or ArgumentNullException)
        {
            // The text does not go into the message: it may hold the key.
            throw new EbsException($"The metadata service answered something else than credentials of role {role}.", e);
        }
    }

    private HttpRequestMessage Get(string path, string token)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, new Uri(_options.MetadataEndpoint, path));
        if (!request.Headers.TryAddWithoutValidation("X-aws-ec2-metadata-token", token)) throw new EbsException("The metadata service gave a token that is no header value.");
        return request;
    }

    private async Task<string> MetadataAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using (request)
        {
            var (status, text) = await SendAsync(request, cancellationToken).ConfigureAwait(false);
            if (status == HttpStatusCode.OK) return text;
            throw new EbsException($"The metadata service of the machine answered {(int)status} to {request.RequestUri!.AbsolutePath}. Give the machine or the operator's service account a role.") { Status = status };
        }
    }

    private async Task<(HttpStatusCode Status, string Text)> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await _http.SendAsync(request, cancellationToken).ConfigureAwait(false);
            return (response.StatusCode, await response.Content.ReadAsStringAsync(cancellationToken).ConfigureAwait(false));
        }
        catch (Exception e) when (e is HttpRequestException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new EbsException($"AWS credentials cannot be had from {request.RequestUri!.Authority}: {e.Message}", e);
        }
    }

    private string? Text(string name) => _environment(name) is { Length: > 0 } value ? value : null;

    [GeneratedRegex(@"^[\w+=,.@-]{1,64}$")]
    private static partial Regex RoleName();
}
