namespace Zalando.Postgres.Sdk.Volumes.Ebs;

/// <summary>Settings of calls to Amazon.</summary>
public sealed record EbsOptions
{
    /// <summary>Region of volumes whose zone is not told. <value>Null: <c>aws_region</c> of the operator configuration; without one the environment variable AWS_REGION, then AWS_DEFAULT_REGION.</value></summary>
    public string? Region { get; init; }

    /// <summary>Address of EC2. <value>Null: the one of the volume's region.</value></summary>
    public Uri? Endpoint { get; init; }

    /// <summary>Address of the security token service. <value>Null: the one of the volume's region.</value></summary>
    public Uri? SecurityTokenEndpoint { get; init; }

    /// <summary>Address of the machine's metadata service. <value>http://169.254.169.254/</value></summary>
    public Uri MetadataEndpoint { get; init; } = new("http://169.254.169.254/");

    /// <summary>Least time between the beginnings of two changes of a volume. <value>Six hours, Amazon's limit.</value></summary>
    public TimeSpan Cooldown { get; init; } = TimeSpan.FromHours(6);

    /// <summary>When a call that was throttled is tried again. <value>One minute.</value></summary>
    public TimeSpan ThrottlePause { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Deadline of one call. <value>20 seconds.</value></summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(20);
}
