using System.Text.RegularExpressions;

namespace Zalando.Postgres.Sdk.Volumes.Ebs.Ec2;

/// <summary>Regions, which become part of the address that gets signed requests: nothing else than a region's form is taken.</summary>
internal static partial class AwsRegion
{
    public static string? OfZone(string? zone) => zone is not null && Zone().Match(zone) is { Success: true } match ? match.Groups["region"].Value : null;

    public static bool IsRegion(string text) => Region().IsMatch(text);

    public static Uri Endpoint(string service, string region) =>
        new($"https://{service}.{region}.amazonaws.com{(region.StartsWith("cn-", StringComparison.Ordinal) ? ".cn" : "")}/");

    // A zone is its region and a letter, a local zone has a place between: eu-central-1a, us-west-2-lax-1a.
    [GeneratedRegex(@"\A(?<region>[a-z]{2}(-[a-z]{1,12}){1,3}-[0-9]{1,2})(-[a-z]{1,6}[0-9]?-[a-z0-9]{1,8})?[a-z]\z", RegexOptions.ExplicitCapture)]
    private static partial Regex Zone();

    [GeneratedRegex(@"\A[a-z]{2}(-[a-z]{1,12}){1,3}-[0-9]{1,2}\z", RegexOptions.ExplicitCapture)]
    private static partial Regex Region();
}
