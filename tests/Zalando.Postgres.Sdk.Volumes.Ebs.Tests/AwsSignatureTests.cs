using System.Text;
using Zalando.Postgres.Sdk.Volumes.Ebs.Credentials;
using Zalando.Postgres.Sdk.Volumes.Ebs.Signing;

namespace Zalando.Postgres.Sdk.Volumes.Ebs.Tests;

/// <summary>The values that Amazon publishes in its test suite of signature version 4, and its documented example of IAM.</summary>
public sealed class AwsSignatureTests
{
    private const string Form = "application/x-www-form-urlencoded";

    private static readonly AwsCredentials Suite = new() { AccessKeyId = "AKIDEXAMPLE", SecretAccessKey = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY" };

    [Theory]
    [InlineData("get-vanilla", "GET", "", "", "", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31")]
    [InlineData("get-vanilla-query-order-key-case", "GET", "?Param2=value2&Param1=value1", "", "", "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500")]
    [InlineData("get-header-value-trim", "GET", "", "My-Header1: value1|My-Header2: \"a   b   c\"", "", "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736")]
    [InlineData("post-vanilla", "POST", "", "", "", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b")]
    [InlineData("post-header-key-sort", "POST", "", "My-Header1:value1", "", "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c")]
    [InlineData("post-vanilla-query", "POST", "?Param1=value1", "", "", "28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11")]
    [InlineData("post-x-www-form-urlencoded", "POST", "", "Content-Type:" + Form, "Param1=value1", "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a")]
    public void The_published_requests_get_the_published_signatures(string test, string method, string query, string headers, string body, string signature)
    {
        var all = new Dictionary<string, string> { ["Host"] = "example.amazonaws.com", ["X-Amz-Date"] = "20150830T123600Z" };
        foreach (var header in headers.Split('|', StringSplitOptions.RemoveEmptyEntries)) all[header.Split(':')[0]] = header.Split(':')[1];

        var value = AwsSignature.Authorization(method, new Uri("https://example.amazonaws.com/" + query), all, Encoding.UTF8.GetBytes(body), Suite, "us-east-1", "service");

        var names = string.Join(';', all.Keys.Select(k => k.ToLowerInvariant()).Order(StringComparer.Ordinal));
        Assert.True(value == $"AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders={names}, Signature={signature}", $"{test}: {value}");
    }

    [Fact]
    public void The_documented_request_to_IAM_gets_the_documented_signature()
    {
        var value = AwsSignature.Authorization(
            "GET",
            new Uri("https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08"),
            new Dictionary<string, string> { ["host"] = "iam.amazonaws.com", ["content-type"] = Form + "; charset=utf-8", ["x-amz-date"] = "20150830T123600Z" },
            [],
            Suite,
            "us-east-1",
            "iam");
        Assert.EndsWith("Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7", value, StringComparison.Ordinal);
    }

    [Fact]
    public void Another_path_and_a_missing_date_are_refused()
    {
        var headers = new Dictionary<string, string> { ["host"] = "h", ["x-amz-date"] = "20150830T123600Z" };
        Assert.Throws<ArgumentException>(() => AwsSignature.Authorization("GET", new Uri("https://h/path"), headers, [], Suite, "r", "s"));
        headers.Remove("x-amz-date");
        Assert.Throws<ArgumentException>(() => AwsSignature.Authorization("GET", new Uri("https://h/"), headers, [], Suite, "r", "s"));
    }

    [Fact]
    public void Credentials_print_without_their_secrets()
    {
        var text = (Suite with { SessionToken = "canary-token" }).ToString();
        Assert.Contains("AKIDEXAMPLE", text, StringComparison.Ordinal);
        Assert.DoesNotContain("canary-token", text, StringComparison.Ordinal);
        Assert.DoesNotContain(Suite.SecretAccessKey, text, StringComparison.Ordinal);
    }
}
