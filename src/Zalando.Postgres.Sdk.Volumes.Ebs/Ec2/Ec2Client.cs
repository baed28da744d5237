using System.Text;
using Zalando.Postgres.Sdk.Volumes.Ebs.Credentials;
using Zalando.Postgres.Sdk.Volumes.Ebs.Signing;

namespace Zalando.Postgres.Sdk.Volumes.Ebs.Ec2;

/// <summary>The three actions of EC2's Query API that volumes need.</summary>
internal sealed class Ec2Client(EbsOptions options, IAwsCredentialSource credentials, HttpMessageHandler handler, TimeProvider timeProvider) : IDisposable
{
    private const string Version = "2016-11-15";
    private const string FormType = "application/x-www-form-urlencoded; charset=utf-8";

    private readonly HttpClient _http = new(handler, disposeHandler: false) { Timeout = options.Timeout, MaxResponseContentBufferSize = 1 << 20 };

    public async Task<EbsVolume> DescribeAsync(string region, string volume, CancellationToken cancellationToken)
    {
        var answer = await CallAsync("DescribeVolumes", region, [new("VolumeId.1", volume)], cancellationToken).ConfigureAwait(false);
        // Nothing is done to a volume that was not asked for, whatever the answer holds.
        if (answer.Items("volumeSet").ToList() is not [var found] || found.Text("volumeId") != volume) throw new EbsException($"DescribeVolumes: the answer is not about volume {volume} alone.");
        var tags = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var tag in found.Items("tagSet")) tags[tag.Required("key")] = tag.Text("value") ?? "";
        return new EbsVolume(volume, found.Required("volumeType"), found.Number("size"), found.Number("iops"), found.Number("throughput"), tags);
    }

    /// <summary>The latest change; null when there never was one.</summary>
    public async Task<EbsModification?> LatestModificationAsync(string region, string volume, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await CallAsync("DescribeVolumesModifications", region, [new("VolumeId.1", volume)], cancellationToken).ConfigureAwait(false);
            return answer.Items("volumeModificationSet").Where(m => m.Text("volumeId") == volume).Select(Modification).MaxBy(m => m.Start);
        }
        catch (EbsException e) when (e.Code == "InvalidVolumeModification.NotFound")
        {
            return null;
        }
    }

    public async Task<EbsModification> ModifyAsync(string region, string volume, IEnumerable<KeyValuePair<string, string>> changes, CancellationToken cancellationToken)
    {
        var answer = await CallAsync("ModifyVolume", region, [new("VolumeId", volume), .. changes], cancellationToken).ConfigureAwait(false);
        return Modification(answer.Descendant("volumeModification"));
    }

    public void Dispose() => _http.Dispose();

    private static EbsModification Modification(AwsAnswer answer) =>
        new(answer.Required("modificationState"), answer.Text("statusMessage"), answer.Number("progress"), answer.Time("startTime"));

    private async Task<AwsAnswer> CallAsync(string action, string region, IEnumerable<KeyValuePair<string, string>> parameters, CancellationToken cancellationToken)
    {
        var caller = await credentials.GetAsync(region, cancellationToken).ConfigureAwait(false);
        var uri = options.Endpoint ?? AwsRegion.Endpoint("ec2", region);
        IEnumerable<KeyValuePair<string, string>> form = [new("Action", action), new("Version", Version), .. parameters];
        var body = Encoding.ASCII.GetBytes(string.Join('&', form.Select(p => $"{p.Key}={Uri.EscapeDataString(p.Value)}")));
        var headers = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["host"] = uri.Authority,
            ["content-type"] = FormType,
            ["x-amz-date"] = AwsSignature.Time(timeProvider.GetUtcNow()),
        };
        if (caller.SessionToken is { } token) headers["x-amz-security-token"] = token;

        using var request = new HttpRequestMessage(HttpMethod.Post, uri) { Content = new ByteArrayContent(body) };
        request.Content.Headers.TryAddWithoutValidation("content-type", FormType);
        foreach (var (name, value) in headers.Where(h => h.Key.StartsWith("x-amz-", StringComparison.Ordinal))) request.Headers.TryAddWithoutValidation(name, value);
        request.Headers.TryAddWithoutValidation("authorization", AwsSignature.Authorization("POST", uri, headers, body, caller, region, "ec2"));
        try
        {
            using var response = await _http.SendAsync(request, cancellationToken).ConfigureAwait(false);
            var text = await response.Content.ReadAsStringAsync(cancellationToken).ConfigureAwait(false);
            return AwsAnswer.Read(action, response.StatusCode, text, [caller.SecretAccessKey, caller.SessionToken ?? ""]);
        }
        catch (Exception e) when (e is HttpRequestException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new EbsException($"{action}: {uri.Authority} gave no answer: {e.Message}", e);
        }
    }
}
