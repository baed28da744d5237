using System.Collections.Concurrent;
using System.Net;
using System.Security;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Zalando.Postgres.Sdk.Volumes.Ebs.Tests;

/// <summary>EC2, the token service and the metadata service on a loopback port. Signatures are computed again from what arrived.</summary>
internal sealed class FakeAmazon(TimeProvider time) : IAsyncDisposable
{
    public const string Key = "canary-secret-key";
    public const string KeyId = "AKIDFAKE";
    public const string Token = "canary-session-token";

    private WebApplication? _app;

    public Uri Url { get; private set; } = new("http://127.0.0.1/");

    public ConcurrentQueue<string> Calls { get; } = [];

    public ConcurrentDictionary<string, FakeVolume> Volumes { get; } = [];

    public string? IdentityToken { get; set; }

    public string MetadataCode { get; set; } = "Success";

    /// <summary>Answers an action by an error, once.</summary>
    public ConcurrentDictionary<string, (HttpStatusCode Status, string Code, string Message)> Errors { get; } = [];

    public static async Task<FakeAmazon> StartAsync(TimeProvider time)
    {
        var fake = new FakeAmazon(time);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(o => o.Listen(IPAddress.Loopback, 0));
        fake._app = builder.Build();
        fake._app.Run(fake.AnswerAsync);
        await fake._app.StartAsync();
        fake.Url = new Uri(fake._app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First() + "/");
        return fake;
    }

    public async ValueTask DisposeAsync() => await _app!.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        if (context.Request.Path.StartsWithSegments("/latest", StringComparison.Ordinal)) await MetadataAsync(context);
        else
        {
            using var reader = new StreamReader(context.Request.Body);
            var body = await reader.ReadToEndAsync();
            var form = body.Split('&').Select(p => p.Split('=', 2)).ToDictionary(p => p[0], p => Uri.UnescapeDataString(p[1].Replace('+', ' ')), StringComparer.Ordinal);
            var action = form["Action"];
            Calls.Enqueue(action == "ModifyVolume" ? string.Join(' ', form.Where(f => f.Key is not "Version").Select(f => f.Value is "ModifyVolume" ? f.Value : $"{f.Key}={f.Value}")) : action);
            var (status, text) = Errors.TryRemove(action, out var error) ? (error.Status, Error(error.Code, error.Message))
                : action == "AssumeRoleWithWebIdentity" ? AssumeRole(form)
                : !IsSigned(context.Request, body) ? (HttpStatusCode.Unauthorized, Error("AuthFailure", "AWS was not able to validate the provided access credentials"))
                : Act(action, form);
            context.Response.StatusCode = (int)status;
            context.Response.ContentType = "text/xml;charset=UTF-8";
            await context.Response.WriteAsync(text);
        }
    }

    private async Task MetadataAsync(HttpContext context)
    {
        var request = context.Request;
        Calls.Enqueue($"{request.Method} {request.Path}");
        if (request.Method == "PUT") await context.Response.WriteAsync("machine-token");
        else if (request.Headers["X-aws-ec2-metadata-token"] != "machine-token") context.Response.StatusCode = 401;
        else if (request.Path.Value!.EndsWith('/')) await context.Response.WriteAsync("node-role");
        else
        {
            await context.Response.WriteAsync(
                $$"""{"Code":"{{MetadataCode}}","Type":"AWS-HMAC","AccessKeyId":"{{KeyId}}","SecretAccessKey":"{{Key}}","Token":"{{Token}}","Expiration":"{{time.GetUtcNow().AddHours(1):yyyy-MM-ddTHH:mm:ssZ}}"}""");
        }
    }

    private (HttpStatusCode Status, string Text) AssumeRole(Dictionary<string, string> form) => form["WebIdentityToken"] != IdentityToken
        ? (HttpStatusCode.BadRequest, $"<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Sender</Type><Code>InvalidIdentityToken</Code><Message>No such token: {form["WebIdentityToken"]}</Message></Error></ErrorResponse>")
        : (HttpStatusCode.OK, $"""
            <AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleWithWebIdentityResult>
            <AssumedRoleUser><Arn>{form["RoleArn"]}</Arn></AssumedRoleUser>
            <Credentials><AccessKeyId>{KeyId}</AccessKeyId><SecretAccessKey>{Key}</SecretAccessKey><SessionToken>{Token}</SessionToken><Expiration>{time.GetUtcNow().AddHours(1):yyyy-MM-ddTHH:mm:ssZ}</Expiration></Credentials>
            </AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>
            """);

    private (HttpStatusCode Status, string Text) Act(string action, Dictionary<string, string> form)
    {
        var id = form.GetValueOrDefault("VolumeId.1") ?? form.GetValueOrDefault("VolumeId");
        if (id is null || !Volumes.TryGetValue(id, out var volume)) return (HttpStatusCode.BadRequest, Error("InvalidVolume.NotFound", $"The volume '{id}' does not exist."));
        if (volume is { Duration: { } duration, State: "modifying" })
        {
            var passed = time.GetUtcNow() - volume.Start;
            volume.Progress = (int)Math.Min(passed / duration * 100, 100);
            if (passed >= duration)
            {
                Take(volume, volume.Asked);
                volume.State = "optimizing";
            }
        }

        if (action == "DescribeVolumes") return Answer(action, $"<volumeSet><item><volumeId>{id}</volumeId><size>{volume.Size}</size><volumeType>{volume.Type}</volumeType><iops>{volume.Iops}</iops>{(volume.Type == "gp3" ? $"<throughput>{volume.Throughput}</throughput>" : "")}<tagSet>{string.Concat(volume.Tags.Select(t => $"<item><key>{t.Key}</key><value>{t.Value}</value></item>"))}</tagSet></item></volumeSet>");
        if (action == "DescribeVolumesModifications")
        {
            return volume.State is null ? (HttpStatusCode.BadRequest, Error("InvalidVolumeModification.NotFound", "Modification for volume does not exist."))
                : Answer(action, $"<volumeModificationSet><item>{Modification(id, volume)}</item></volumeModificationSet>");
        }

        if (volume.Duration is null) Take(volume, form);
        else volume.Asked = form;
        volume.State = volume.NextState;
        volume.Start = time.GetUtcNow();
        return Answer(action, $"<volumeModification>{Modification(id, volume)}</volumeModification>");
    }

    private static (HttpStatusCode Status, string Text) Answer(string action, string content) =>
        (HttpStatusCode.OK, $"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<{action}Response xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\"><requestId>r-1</requestId>{content}</{action}Response>");

    private static void Take(FakeVolume volume, Dictionary<string, string> form)
    {
        volume.Size = int.Parse(form.GetValueOrDefault("Size") ?? $"{volume.Size}");
        volume.Type = form.GetValueOrDefault("VolumeType") ?? volume.Type;
        volume.Iops = int.Parse(form.GetValueOrDefault("Iops") ?? $"{volume.Iops}");
        volume.Throughput = int.Parse(form.GetValueOrDefault("Throughput") ?? $"{volume.Throughput}");
    }

    private static string Modification(string id, FakeVolume volume) =>
        $"<volumeId>{id}</volumeId><modificationState>{volume.State}</modificationState><statusMessage>{volume.Words}</statusMessage><progress>{volume.Progress}</progress><startTime>{volume.Start:yyyy-MM-ddTHH:mm:ss.fffZ}</startTime>";

    private static string Error(string code, string message) =>
        $"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Response><Errors><Error><Code>{code}</Code><Message>{SecurityElement.Escape(message)}</Message></Error></Errors><RequestID>r-2</RequestID></Response>";

    private bool IsSigned(HttpRequest request, string body)
    {
        var parts = request.Headers.Authorization.ToString().Replace("AWS4-HMAC-SHA256 ", "", StringComparison.Ordinal).Split(", ").Select(p => p.Split('=', 2)).ToDictionary(p => p[0], p => p[^1], StringComparer.Ordinal);
        if (!parts.TryGetValue("SignedHeaders", out var signed) || !parts["Credential"].StartsWith(KeyId + "/", StringComparison.Ordinal)) return false;
        var stamp = request.Headers["x-amz-date"].ToString();
        if (stamp != time.GetUtcNow().ToString("yyyyMMddTHHmmssZ")) return false;
        if (request.Headers.TryGetValue("x-amz-security-token", out var token) && (token != Token || !signed.Contains("x-amz-security-token", StringComparison.Ordinal))) return false;
        var scope = parts["Credential"].Split('/', 2)[1];
        if (!scope.EndsWith("/eu-central-1/ec2/aws4_request", StringComparison.Ordinal) || !("content-type;host;x-amz-date" + (token.Count > 0 ? ";x-amz-security-token" : "") == signed)) return false;
        var canonical = "POST\n/\n\n" + string.Concat(signed.Split(';').Select(h => $"{h}:{request.Headers[h]}\n")) + "\n" + signed + "\n" + Hex(SHA256.HashData(Encoding.UTF8.GetBytes(body)));
        var text = $"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{Hex(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)))}";
        var key = scope.Split('/').Aggregate(Encoding.UTF8.GetBytes("AWS4" + Key), Mac);
        return parts["Signature"] == Hex(Mac(key, text));
    }

    private static byte[] Mac(byte[] key, string text) => HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text));

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);

    internal sealed class FakeVolume
    {
        public string Type { get; set; } = "gp2";

        public int Size { get; set; } = 100;

        public int Iops { get; set; } = 300;

        public int Throughput { get; set; }

        public Dictionary<string, string> Tags { get; } = [];

        public string? State { get; set; }

        public string NextState { get; set; } = "modifying";

        public string Words { get; set; } = "";

        public int Progress { get; set; }

        /// <summary>How long a change takes, after which the volume is as asked for; null when it is so at once and the test says how far the change is.</summary>
        public TimeSpan? Duration { get; set; }

        internal Dictionary<string, string> Asked { get; set; } = [];

        public DateTimeOffset Start { get; set; }
    }
}
