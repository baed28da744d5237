using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Zalando.Postgres.Sdk.Kubernetes.Client;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Kubernetes.Transport;

/// <summary>Turns what came back into an exception that says what was asked and what the server answered, in its own words.</summary>
internal static class ApiFailure
{
    private const int LongestExcerpt = 200;

    public static KubernetesApiException FromAnswer(string asked, int code, string? mediaType, ReadOnlySpan<byte> body, RetryConditionHeaderValue? retryAfter, DateTimeOffset now)
    {
        var status = ReadStatus(body);
        var pause = Pause(retryAfter, now) ?? (status?.Details?.RetryAfterSeconds is { } seconds and > 0 ? TimeSpan.FromSeconds(seconds) : null);
        var message = status is null
            ? $"{asked}: {code}: the answer is not a Status of an API server ({mediaType ?? "no content type"}): {Excerpt(body)}"
            : $"{asked}: {code} {status.Reason}: {status.Message}".TrimEnd(' ', ':');
        return new KubernetesApiException(code, status, message, pause);
    }

    public static KubernetesApiException FromStatus(string asked, Status status)
    {
        var pause = status.Details?.RetryAfterSeconds is { } seconds and > 0 ? TimeSpan.FromSeconds(seconds) : (TimeSpan?)null;
        return new KubernetesApiException(status.Code ?? 500, status, $"{asked}: {status.Code} {status.Reason}: {status.Message}", pause);
    }

    public static KubernetesApiException Unanswered(string asked, Exception cause)
    {
        var inner = cause.InnerException is { } deeper && !cause.Message.Contains(deeper.Message, StringComparison.Ordinal) ? $" ({deeper.Message})" : "";
        return new KubernetesApiException(0, null, $"{asked}: no answer: {cause.Message}{inner}", innerException: cause);
    }

    public static KubernetesApiException TooLate(string asked, TimeSpan limit, Exception? cause) =>
        new(0, null, $"{asked}: no answer within {limit.TotalSeconds:0.###} s", innerException: cause);

    public static KubernetesApiException NotJson(string asked, int code, string? mediaType, ReadOnlySpan<byte> body) =>
        new(code, null, $"{asked}: {code}: the server answered {mediaType ?? "something without a content type"} where JSON was expected; is the address that of a Kubernetes API server? {Excerpt(body)}");

    public static KubernetesApiException Unreadable(string asked, Exception cause) =>
        new(0, null, $"{asked}: the answer cannot be read: {cause.Message}", innerException: cause);

    public static Status? ReadStatus(ReadOnlySpan<byte> body)
    {
        if (body.IsEmpty || body[0] != (byte)'{') return null;
        try
        {
            var status = JsonSerializer.Deserialize(body, KubernetesJsonContext.Default.Status);
            return status is { Kind: "Status" } && (status.StatusValue ?? status.Reason) is not null ? status : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static TimeSpan? Pause(RetryConditionHeaderValue? header, DateTimeOffset now)
    {
        var pause = header?.Delta ?? header?.Date - now;
        return pause is { } value && value < TimeSpan.Zero ? TimeSpan.Zero : pause;
    }

    private static string Excerpt(ReadOnlySpan<byte> body)
    {
        if (body.IsEmpty) return "(empty)";
        var text = Encoding.UTF8.GetString(body[..Math.Min(body.Length, LongestExcerpt)]);
        var clean = new StringBuilder(text.Length);
        foreach (var character in text) clean.Append(char.IsControl(character) ? ' ' : character);
        return body.Length > LongestExcerpt ? clean.Append("...").ToString() : clean.ToString();
    }
}
