namespace Zalando.Postgres.Sdk.Volumes.Ebs.Credentials;

/// <summary>Where the credentials of calls come from.</summary>
public interface IAwsCredentialSource
{
    /// <summary>Credentials that are valid now.</summary>
    /// <param name="region">Region of the call they are for.</param>
    /// <param name="cancellationToken">The deadline of the call.</param>
    /// <exception cref="EbsException">There are none, in the words of whoever refused them.</exception>
    Task<AwsCredentials> GetAsync(string region, CancellationToken cancellationToken);
}
