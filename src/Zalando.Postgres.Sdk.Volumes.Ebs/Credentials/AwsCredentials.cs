using System.Text;

namespace Zalando.Postgres.Sdk.Volumes.Ebs.Credentials;

/// <summary>Who calls. Its text form leaves the secrets out.</summary>
public sealed record AwsCredentials
{
    /// <summary>Name of the key; no secret.</summary>
    public required string AccessKeyId { get; init; }

    /// <summary>The key. Secret.</summary>
    public required string SecretAccessKey { get; init; }

    /// <summary>Token of temporary credentials. Secret. <value>Null: the credentials are lasting ones.</value></summary>
    public string? SessionToken { get; init; }

    /// <summary>When they end. <value>Null: never.</value></summary>
    public DateTimeOffset? Expiration { get; init; }

    private bool PrintMembers(StringBuilder builder)
    {
        builder.Append("AccessKeyId = ").Append(AccessKeyId).Append(", Expiration = ").Append(Expiration);
        return true;
    }
}
