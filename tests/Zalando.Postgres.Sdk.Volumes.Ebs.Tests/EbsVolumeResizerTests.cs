using System.Net;
using Zalando.Postgres.Sdk.Reconciliation.Plugins;
using Zalando.Postgres.Sdk.Testing.Time;

namespace Zalando.Postgres.Sdk.Volumes.Ebs.Tests;

public sealed class EbsVolumeResizerTests : IAsyncLifetime
{
    private const string Id = "vol-0123456789abcdef0";
    private const long Gibibyte = 1L << 30;

    private readonly ManualTimeProvider _time = new();
    private readonly Dictionary<string, string> _environment = new(StringComparer.Ordinal)
    {
        ["AWS_REGION"] = "eu-central-1",
        ["AWS_ACCESS_KEY_ID"] = FakeAmazon.KeyId,
        ["AWS_SECRET_ACCESS_KEY"] = FakeAmazon.Key,
    };

    private readonly SocketsHttpHandler _handler = new() { AllowAutoRedirect = false };
    private FakeAmazon _amazon = null!;
    private EbsVolumeResizer _resizer = null!;

    private FakeAmazon.FakeVolume Volume => _amazon.Volumes[Id];

    private int Changes => _amazon.Calls.Count(c => c.StartsWith("ModifyVolume", StringComparison.Ordinal));

    public async ValueTask InitializeAsync()
    {
        _amazon = await FakeAmazon.StartAsync(_time);
        _amazon.Volumes[Id] = new FakeAmazon.FakeVolume();
        var options = new EbsOptions { Endpoint = _amazon.Url, SecurityTokenEndpoint = _amazon.Url, MetadataEndpoint = _amazon.Url };
        _resizer = new EbsVolumeResizer(options, null, _handler, _time, _environment.GetValueOrDefault);
    }

    public async ValueTask DisposeAsync()
    {
        _resizer.Dispose();
        _handler.Dispose();
        await _amazon.DisposeAsync();
    }

    [Fact]
    public async Task All_differences_are_asked_for_in_one_call_and_followed_to_their_end()
    {
        var target = new VolumeTarget { VolumeId = Id, Bytes = 150 * Gibibyte, Type = "gp3", Iops = 6000, Throughput = 275 };
        var first = await EnsureAsync(target);
        Assert.Equal(VolumeState.InProgress, first.State);
        Assert.Contains("GiB 100 to 150, type gp2 to gp3, IOPS 300 to 6000, MiB/s 0 to 275", first.Explanation, StringComparison.Ordinal);
        Assert.Equal([$"DescribeVolumes", "DescribeVolumesModifications", $"ModifyVolume VolumeId={Id} Size=150 VolumeType=gp3 Iops=6000 Throughput=275"], _amazon.Calls);

        Volume.Progress = 47;
        var second = await EnsureAsync(target);
        Assert.Equal(VolumeState.InProgress, second.State);
        // In steps, since each is written to the status; and Amazon does not say when it will be done.
        Assert.Contains("40 %", second.Explanation, StringComparison.Ordinal);
        Assert.Null(second.AskAgainAt);

        Volume.State = "optimizing";
        Assert.Equal(VolumeState.Reached, (await EnsureAsync(target)).State);
        Assert.Equal(1, Changes);
    }

    [Fact]
    public async Task A_look_changes_nothing_and_tells_whether_a_change_is_under_way()
    {
        var seen = await DescribeAsync();
        Assert.Equal((100 * Gibibyte, "gp2", (int?)300, (int?)null, (string?)null, (DateTimeOffset?)null), (seen.Bytes, seen.Type, seen.Iops, seen.Throughput, seen.Progress, seen.AskAgainAt));
        await EnsureAsync(new VolumeTarget { VolumeId = Id, Type = "gp3", Iops = 4000 });
        Volume.Progress = 49;
        seen = await DescribeAsync();
        Assert.Contains("40 %", seen.Progress, StringComparison.Ordinal);
        Assert.Null(seen.AskAgainAt);
        Volume.State = "optimizing";
        Assert.Equal(("gp3", (int?)4000, null), ((await DescribeAsync()) is { } end ? (end.Type, end.Iops, end.Progress) : default));
        Assert.Equal(1, Changes);
        _amazon.Errors["DescribeVolumes"] = (HttpStatusCode.ServiceUnavailable, "RequestLimitExceeded", "Slow down.");
        Assert.Contains("Slow down.", (await DescribeAsync()).Progress, StringComparison.Ordinal);
        await Assert.ThrowsAsync<EbsException>(() => _resizer.DescribeAsync(new VolumeTarget { VolumeId = "pvc-1" }, TestContext.Current.CancellationToken));

        Task<VolumeDescription> DescribeAsync() => _resizer.DescribeAsync(new VolumeTarget { VolumeId = Id, Zone = "eu-central-1a" }, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_value_that_Amazon_does_not_take_is_refused_in_its_words()
    {
        _amazon.Errors["ModifyVolume"] = (HttpStatusCode.BadRequest, "InvalidParameterValue", "Iops to volume size ratio is too high");
        var refused = await EnsureAsync(new VolumeTarget { VolumeId = Id, Type = "gp3", Iops = 16000 });
        Assert.Equal((VolumeState.Refused, null), (refused.State, refused.AskAgainAt));
        Assert.Contains("ratio is too high", refused.Explanation, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_region_of_the_operator_configuration_serves_volumes_without_a_zone()
    {
        using var resizer = new EbsVolumeResizer(new EbsOptions { Endpoint = _amazon.Url }, null, _handler, _time, name => name == "AWS_REGION" ? "us-east-1" : _environment.GetValueOrDefault(name));
        Assert.Equal("gp2", (await resizer.DescribeAsync(new VolumeTarget { VolumeId = Id, Region = "eu-central-1" }, TestContext.Current.CancellationToken)).Type);
        // Signed for another region the fake refuses it.
        await Assert.ThrowsAsync<EbsException>(() => resizer.DescribeAsync(new VolumeTarget { VolumeId = Id }, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Only_what_differs_is_asked_for()
    {
        Volume.NextState = "optimizing";
        Assert.Equal(VolumeState.Reached, (await EnsureAsync(new VolumeTarget { VolumeId = Id, Bytes = 177 * Gibibyte, Type = "gp2" })).State);
        Assert.Equal($"ModifyVolume VolumeId={Id} Size=177", _amazon.Calls.Last());
    }

    [Fact]
    public async Task A_volume_never_shrinks_and_sizes_are_rounded_up()
    {
        var smaller = await EnsureAsync(new VolumeTarget { VolumeId = Id, Bytes = 50 * Gibibyte });
        Assert.Equal(VolumeState.Reached, smaller.State);
        Assert.Contains("never made smaller", smaller.Explanation, StringComparison.Ordinal);
        Assert.Equal(VolumeState.Reached, (await EnsureAsync(new VolumeTarget { VolumeId = Id, Bytes = 100 * Gibibyte })).State);
        Assert.Equal(0, Changes);
        await EnsureAsync(new VolumeTarget { VolumeId = Id, Bytes = (100 * Gibibyte) + 1 });
        Assert.Equal(101, Volume.Size);
    }

    [Fact]
    public async Task A_second_change_waits_six_hours_from_the_first_one()
    {
        Volume.NextState = "completed";
        await EnsureAsync(new VolumeTarget { VolumeId = Id, Type = "gp3" });
        var free = _time.GetUtcNow().AddHours(6);
        _time.Advance(TimeSpan.FromHours(6) - TimeSpan.FromSeconds(1));
        var early = await EnsureAsync(new VolumeTarget { VolumeId = Id, Iops = 4000 });
        Assert.Equal(VolumeState.Later, early.State);
        Assert.Equal(free, early.AskAgainAt);
        Assert.Equal(1, Changes);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(VolumeState.Reached, (await EnsureAsync(new VolumeTarget { VolumeId = Id, Iops = 4000 })).State);
        Assert.Equal(2, Changes);
    }

    [Fact]
    public async Task A_change_that_failed_is_told_in_Amazons_words_and_not_repeated_at_once()
    {
        Volume.NextState = "failed";
        Volume.Words = "Capacity is missing";
        var refused = await Assert.ThrowsAsync<EbsException>(() => EnsureAsync(new VolumeTarget { VolumeId = Id, Bytes = 200 * Gibibyte }));
        Assert.Contains("Capacity is missing", refused.Message, StringComparison.Ordinal);
        Volume.Size = 100;
        var later = await EnsureAsync(new VolumeTarget { VolumeId = Id, Bytes = 200 * Gibibyte });
        Assert.Equal(VolumeState.Later, later.State);
        Assert.Contains("Capacity is missing", later.Explanation, StringComparison.Ordinal);
        Assert.Equal(1, Changes);
    }

    [Theory]
    [InlineData("DescribeVolumes", HttpStatusCode.ServiceUnavailable, "RequestLimitExceeded", 1)]
    [InlineData("DescribeVolumesModifications", HttpStatusCode.ServiceUnavailable, "RequestLimitExceeded", 1)]
    [InlineData("ModifyVolume", HttpStatusCode.InternalServerError, "InternalError", 1)]
    [InlineData("ModifyVolume", HttpStatusCode.BadRequest, "VolumeModificationRateExceeded", 60)]
    [InlineData("ModifyVolume", HttpStatusCode.BadRequest, "IncorrectModificationState", 60)]
    public async Task Throttling_and_Amazons_own_cooldown_mean_later(string action, HttpStatusCode status, string code, int minutes)
    {
        _amazon.Errors[action] = (status, code, "You've reached a limit.");
        var later = await EnsureAsync(new VolumeTarget { VolumeId = Id, Type = "gp3" });
        Assert.Equal(VolumeState.Later, later.State);
        Assert.Equal(_time.GetUtcNow().AddMinutes(minutes), later.AskAgainAt);
        Assert.Contains($"{action}: {code}: You've reached a limit.", later.Explanation, StringComparison.Ordinal);
        Assert.Equal(VolumeState.InProgress, (await EnsureAsync(new VolumeTarget { VolumeId = Id, Type = "gp3" })).State);
    }

    [Fact]
    public async Task A_refusal_keeps_Amazons_words_and_no_secret()
    {
        _amazon.Errors["ModifyVolume"] = (HttpStatusCode.Forbidden, "UnauthorizedOperation", $"You are not authorized to perform ec2:ModifyVolume with {FakeAmazon.Key}.");
        var refused = await Assert.ThrowsAsync<EbsException>(() => EnsureAsync(new VolumeTarget { VolumeId = Id, Type = "gp3" }));
        Assert.Equal("UnauthorizedOperation", refused.Code);
        Assert.Contains("not authorized to perform ec2:ModifyVolume", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", refused.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_key_is_refused_by_the_signature()
    {
        _environment["AWS_SECRET_ACCESS_KEY"] = "canary-other-key";
        var refused = await Assert.ThrowsAsync<EbsException>(() => EnsureAsync(new VolumeTarget { VolumeId = Id, Type = "gp3" }));
        Assert.Equal("AuthFailure", refused.Code);
        Assert.DoesNotContain("canary", refused.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("CSIVolumeName")]
    [InlineData("kubernetes.io/created-for/pv/name")]
    public async Task A_volume_of_another_PersistentVolume_is_left_alone(string tag)
    {
        Volume.Tags[tag] = "pvc-other";
        var refused = await EnsureAsync(new VolumeTarget { VolumeId = Id, PersistentVolumeName = "pvc-1", Type = "gp3" });
        Assert.Equal(VolumeState.Refused, refused.State);
        Assert.Contains("pvc-other", refused.Explanation, StringComparison.Ordinal);
        Assert.Equal(0, Changes);
        Volume.Tags[tag] = "pvc-1";
        Assert.Equal(VolumeState.InProgress, (await EnsureAsync(new VolumeTarget { VolumeId = Id, PersistentVolumeName = "pvc-1", Type = "gp3" })).State);
    }

    [Theory]
    [InlineData("", null, null, null)]
    [InlineData("vol-", null, null, null)]
    [InlineData("fs-0123456789abcdef0", null, null, null)]
    [InlineData("vol-0123456789abcdef0&VolumeId.2=vol-1", null, null, null)]
    [InlineData(Id, "gp9", null, null)]
    [InlineData(Id, null, 4000, null)]
    [InlineData(Id, null, null, 200)]
    [InlineData(Id, "io2", null, 200)]
    public async Task What_can_never_be_is_refused_without_a_change(string id, string? type, int? iops, int? throughput)
    {
        var refused = await EnsureAsync(new VolumeTarget { VolumeId = id, Type = type, Iops = iops, Throughput = throughput });
        Assert.Equal(VolumeState.Refused, refused.State);
        Assert.NotEmpty(refused.Explanation);
        Assert.Null(refused.AskAgainAt);
        Assert.Equal(0, Changes);
    }

    [Theory]
    [InlineData("aws://eu-central-1a/" + Id, null, null)]
    [InlineData(Id, "eu-central-1b", "us-east-1")]
    [InlineData("aws:///" + Id, null, "eu-central-1")]
    public async Task The_zone_of_the_volume_tells_the_region_before_the_environment_does(string id, string? zone, string? region)
    {
        _environment.Remove("AWS_REGION");
        if (region is not null) _environment["AWS_DEFAULT_REGION"] = region;
        Assert.Equal(VolumeState.InProgress, (await EnsureAsync(new VolumeTarget { VolumeId = id, Zone = zone, Type = "gp3" })).State);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("evil.example/?")]
    public async Task Without_a_regions_name_nothing_is_sent(string? region)
    {
        _environment.Remove("AWS_REGION");
        if (region is not null) _environment["AWS_REGION"] = region;
        Assert.Equal(VolumeState.Refused, (await EnsureAsync(new VolumeTarget { VolumeId = Id, Zone = "evil.example/a", Type = "gp3" })).State);
        Assert.Empty(_amazon.Calls);
    }

    [Fact]
    public async Task A_volume_that_is_gone_is_told_in_Amazons_words()
    {
        var gone = await Assert.ThrowsAsync<EbsException>(() => EnsureAsync(new VolumeTarget { VolumeId = "vol-00000000", Type = "gp3" }));
        Assert.Contains("The volume 'vol-00000000' does not exist.", gone.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_web_identity_is_exchanged_once_and_again_before_it_ends()
    {
        using var file = new TokenFile("canary-identity");
        UseWebIdentity(file);
        _amazon.IdentityToken = "canary-identity";
        Volume.NextState = "completed";
        await EnsureAsync(new VolumeTarget { VolumeId = Id, Type = "gp3" });
        await EnsureAsync(new VolumeTarget { VolumeId = Id, Type = "gp3" });
        Assert.Single(_amazon.Calls, "AssumeRoleWithWebIdentity");
        Assert.Equal(1, Changes);
        _time.Advance(TimeSpan.FromMinutes(55));
        await EnsureAsync(new VolumeTarget { VolumeId = Id, Type = "gp3" });
        Assert.Equal(2, _amazon.Calls.Count(c => c == "AssumeRoleWithWebIdentity"));
    }

    [Fact]
    public async Task A_web_identity_that_is_refused_is_not_shown()
    {
        using var file = new TokenFile("canary-identity");
        UseWebIdentity(file);
        var refused = await Assert.ThrowsAsync<EbsException>(() => EnsureAsync(new VolumeTarget { VolumeId = Id, Type = "gp3" }));
        Assert.Contains("InvalidIdentityToken: No such token: (secret)", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", refused.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_role_of_the_machine_comes_from_the_second_version_of_the_metadata_service()
    {
        RemoveKeys();
        Assert.Equal(VolumeState.InProgress, (await EnsureAsync(new VolumeTarget { VolumeId = Id, Type = "gp3" })).State);
        const string Roles = "/latest/meta-data/iam/security-credentials/";
        Assert.Equal(["PUT /latest/api/token", "GET " + Roles, "GET " + Roles + "node-role"], _amazon.Calls.Take(3));
        Assert.Equal(6, _amazon.Calls.Count);
    }

    [Fact]
    public async Task Without_credentials_the_message_says_what_to_do()
    {
        RemoveKeys();
        _amazon.MetadataCode = "AssumeRoleUnauthorizedAccess";
        var none = await Assert.ThrowsAsync<EbsException>(() => EnsureAsync(new VolumeTarget { VolumeId = Id, Type = "gp3" }));
        Assert.Contains("AssumeRoleUnauthorizedAccess", none.Message, StringComparison.Ordinal);
        _environment["AWS_EC2_METADATA_DISABLED"] = "true";
        none = await Assert.ThrowsAsync<EbsException>(() => EnsureAsync(new VolumeTarget { VolumeId = Id, Type = "gp3" }));
        Assert.Contains("Give the operator's service account a role", none.Message, StringComparison.Ordinal);
    }

    private Task<VolumeProgress> EnsureAsync(VolumeTarget target) => _resizer.EnsureAsync(target, TestContext.Current.CancellationToken);

    private void RemoveKeys()
    {
        _environment.Remove("AWS_ACCESS_KEY_ID");
        _environment.Remove("AWS_SECRET_ACCESS_KEY");
    }

    private void UseWebIdentity(TokenFile file)
    {
        RemoveKeys();
        _environment["AWS_ROLE_ARN"] = "arn:aws:iam::123456789012:role/operator";
        _environment["AWS_WEB_IDENTITY_TOKEN_FILE"] = file.Path;
    }

    private sealed class TokenFile : IDisposable
    {
        public TokenFile(string content) => File.WriteAllText(Path, content + "\n");

        public string Path { get; } = System.IO.Path.GetTempFileName();

        public void Dispose() => File.Delete(Path);
    }
}
