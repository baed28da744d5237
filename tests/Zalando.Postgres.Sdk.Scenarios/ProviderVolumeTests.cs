using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Planning;
using Zalando.Postgres.Sdk.Reconciliation.Plugins;
using Zalando.Postgres.Sdk.Reconciliation.Queue;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Configuration;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Scenarios.World;
using Zalando.Postgres.Sdk.Volumes.Ebs;
using Zalando.Postgres.Sdk.Volumes.Ebs.Credentials;
using Zalando.Postgres.Sdk.Volumes.Ebs.Tests;

namespace Zalando.Postgres.Sdk.Scenarios;

/// <summary>Volumes that the operator changes through their storage provider: the modes <c>ebs</c> and <c>mixed</c>.</summary>
public sealed class ProviderVolumeTests(ITestOutputHelper output)
{
    private const string Name = "acid-minimal-cluster";
    private const long Gibibyte = 1L << 30;

    [Fact]
    public async Task In_mode_ebs_the_volume_grows_then_its_file_system_then_the_PersistentVolume_says_so_and_no_pod_is_made_again()
    {
        await using var world = await StartedAsync("ebs", out var provider);
        Assert.Empty(provider().Log);
        world.Apply(Sized("2Gi"));
        await world.RunUntilAsync(() => Capacities(world).All(c => c == "2Gi") && world.IsRunning(), "the volumes grow");
        await world.SettleAsync();
        Assert.All(provider().Volumes.Values, v => Assert.Equal((2 * Gibibyte, 2 * Gibibyte), (v.Bytes, v.FileSystemBytes)));
        Assert.Equal((2, 2), (provider().Changes, provider().Log.Count(l => l.StartsWith("grow ", StringComparison.Ordinal))));
        Assert.All(Claims(world), c => Assert.Equal("1Gi", c));
        Assert.All(world.PodLives.Values, l => Assert.Single(l));
        Assert.Contains(History(world), e => e.Contains("modify the volume of persistentvolume", StringComparison.Ordinal) && e.Contains("spec.volume.size: 1Gi -> 2Gi", StringComparison.Ordinal));
        Assert.Contains(History(world), e => e.Contains($"grow the file system in pod default/{Name}-0", StringComparison.Ordinal));
        await NothingIsAskedAsync(world, provider());
        world.Apply(Sized("1Gi"));
        await world.SettleAsync();
        Assert.Equal(2, provider().Changes);
        Assert.All(Capacities(world), c => Assert.Equal("2Gi", c));
    }

    [Fact]
    public async Task In_mode_mixed_all_differences_of_a_volume_are_asked_for_at_once_and_the_claim_grows_too()
    {
        await using var world = await StartedAsync("mixed", out var provider);
        Assert.Empty(provider().Log);
        world.Apply(Sized("2Gi", type: "fast", iops: 4000, throughput: 124));
        await world.RunUntilAsync(() => provider().Changes == 2 && Claims(world).All(c => c == "2Gi") && world.IsRunning(), "the volumes change");
        await world.SettleAsync();
        Assert.All(provider().Volumes.Values, v => Assert.Equal((2 * Gibibyte, "fast", 4000, null), (v.Bytes, v.Type, v.Iops, v.Throughput)));
        Assert.Equal(2, provider().Changes);
        Assert.DoesNotContain(provider().Log, l => l.StartsWith("grow ", StringComparison.Ordinal));
        Assert.All(world.PodLives.Values, l => Assert.Single(l));
        Assert.Contains(History(world), e => e.Contains("spec.volume.type: slow -> fast", StringComparison.Ordinal) && e.Contains("spec.volume.iops: 100 -> 4000", StringComparison.Ordinal));
        await NothingIsAskedAsync(world, provider());
        await world.StopOperatorAsync();
        var calls = provider().Calls;
        world.StartOperator();
        await world.SettleAsync();
        Assert.Equal((calls + 2, 2), (provider().Calls, provider().Changes));
    }

    [Fact]
    public async Task A_change_that_takes_hours_holds_nothing_up_and_is_looked_after_when_the_provider_says()
    {
        await using var world = await StartedAsync("ebs", out var provider);
        provider().Duration = TimeSpan.FromMinutes(90);
        world.Apply(Sized("2Gi"));
        await world.RunUntilAsync(() => provider().Changes == 2, "the changes begin");
        await world.SettleAsync();
        var calls = provider().Calls;
        world.Apply(Sized("2Gi", instances: 3));
        await world.RunUntilAsync(() => world.PodNames().Count == 3 && world.IsRunning(), "a third member is made meanwhile");
        Assert.Equal(calls, provider().Calls);
        var waiting = Assert.Single(world.Cluster()!.Status!.Pending!, p => p.Change!.StartsWith("modify", StringComparison.Ordinal) && p.Change!.Contains(provider().Volumes.Keys.First(), StringComparison.Ordinal));
        Assert.Equal("VolumeProvider", waiting.WaitsFor);
        Assert.NotNull(waiting.Until);
        await world.RunUntilAsync(() => Capacities(world).Count(c => c == "2Gi") == 3 && world.IsRunning(), "the volumes have grown", TimeSpan.FromHours(3));
        Assert.Equal(2, provider().Changes);
        Assert.True(provider().Calls <= calls + 4, string.Join("; ", provider().Log));
        Assert.All(world.PodLives.Values, l => Assert.Single(l));
    }

    [Fact]
    public async Task The_cooldown_of_a_provider_is_waited_for_and_shown()
    {
        await using var world = await StartedAsync("mixed", out var provider);
        provider().Cooldown = TimeSpan.FromHours(6);
        world.Apply(Sized("1Gi", type: "fast"));
        await world.RunUntilAsync(() => provider().Changes == 2, "the first change");
        var first = world.Time.GetUtcNow();
        world.Apply(Sized("1Gi", type: "fastest"));
        await world.SettleAsync();
        var calls = provider().Calls;
        Assert.All(world.Cluster()!.Status!.Pending!, p => Assert.Equal(("VolumeProvider", first.AddHours(6)), (p.WaitsFor, p.Until?.Value)));
        Assert.True(world.IsRunning());
        await world.RunUntilAsync(() => provider().Changes == 4, "the second change", TimeSpan.FromHours(7));
        Assert.True(world.Time.GetUtcNow() >= first.AddHours(6) && world.Time.GetUtcNow() < first.AddHours(6).AddMinutes(1));
        Assert.True(provider().Calls <= calls + 4, string.Join("; ", provider().Log));
    }

    [Fact]
    public async Task What_a_provider_refuses_is_told_and_not_asked_for_again_until_it_changes()
    {
        await using var world = await StartedAsync("mixed", out var provider);
        provider().Refusal = static target => target.Iops > 9000 ? "This kind of disk has 9000 IOPS at most." : null;
        world.Apply(Sized("2Gi", iops: 10_000));
        await world.RunUntilAsync(() => world.Cluster()!.Status!.Conditions!.Any(c => c is { Type: "Degraded", Status: "True", Reason: "VolumeFailed" }), "it is told");
        await world.SettleAsync();
        Assert.Contains("9000 IOPS at most", world.Cluster()!.Status!.Conditions!.Single(c => c.Type == "Degraded").Message, StringComparison.Ordinal);
        Assert.Contains(world.Server.Access.List(KubernetesKinds.Event, "default"), e => (string?)e["reason"] == "VolumeRefused" && (string?)e["type"] == "Warning");
        Assert.All(Claims(world), c => Assert.Equal("2Gi", c));
        Assert.Equal((0, 2), (provider().Changes, provider().Log.Count(l => l.StartsWith("wish ", StringComparison.Ordinal))));
        await NothingIsAskedAsync(world, provider());
        // A day later the volumes are looked at again, and still not asked for what was refused.
        world.Time.Advance(TimeSpan.FromHours(25));
        await world.SettleAsync();
        world.Operator!.Engine.EnqueueAll(ReconcilePriority.Resync);
        await world.SettleAsync();
        Assert.Equal(2, provider().Log.Count(l => l.StartsWith("wish ", StringComparison.Ordinal)));
        world.Apply(Sized("2Gi", iops: 8000));
        await world.RunUntilAsync(() => provider().Changes == 2 && world.IsRunning() && world.Cluster()!.Status!.Conditions!.Any(c => c is { Type: "Degraded", Status: "False" }), "another wish is followed");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_provider_that_throws_or_hangs_is_told_retried_with_pauses_and_holds_up_nothing_else(bool hangs)
    {
        await using var world = await StartedAsync("ebs", out var provider);
        world.ThingsMayHang = hangs;
        provider().Fault = _ => hangs ? new TaskCompletionSource().Task : throw new InvalidOperationException("the provider is broken");
        world.Apply(Sized("2Gi", instances: 3));
        await world.RunUntilAsync(() => world.PodNames().Count == 3 && Degraded(world) == "VolumeFailed", "the third member is made all the same", TimeSpan.FromMinutes(5));
        var message = world.Cluster()!.Status!.Conditions!.Single(c => c.Type == "Degraded").Message!;
        Assert.Contains(hangs ? "no answer within 30 s" : "the provider is broken", message, StringComparison.Ordinal);
        var calls = provider().Calls;
        var end = world.Time.GetUtcNow().AddMinutes(10);
        await world.RunUntilAsync(() => world.Time.GetUtcNow() >= end, "ten minutes pass");
        Assert.InRange(provider().Calls - calls, 1, 3 * 5);
        provider().Fault = null;
        await world.RunUntilAsync(() => Capacities(world).All(c => c == "2Gi") && world.IsRunning() && Degraded(world) == "AsExpected", "it is well again", TimeSpan.FromHours(2));
        Assert.All(world.PodLives.Values, l => Assert.Single(l));
    }

    [Fact]
    public async Task A_volume_that_nobody_can_change_is_named_and_left_alone()
    {
        await using var world = await StartedAsync("ebs", out var provider, "others.example.org");
        world.Apply(Sized("2Gi"));
        await world.SettleAsync();
        Assert.Empty(provider().Log);
        Assert.Contains(world.Server.Access.List(KubernetesKinds.Event, "default"), e => (string?)e["reason"] == "VolumeNotChangeable" && ((string)e["message"]!).Contains("others.example.org", StringComparison.Ordinal));
        Assert.True(world.IsRunning());
    }

    [Fact]
    public async Task The_volume_of_a_member_that_was_scaled_in_grows_when_it_comes_back()
    {
        await using var world = await StartedAsync("ebs", out var provider);
        world.Apply(Sized("1Gi", instances: 1));
        await world.RunUntilAsync(() => world.PodNames().Count == 1 && world.IsRunning(), "one member is left");
        world.Apply(Sized("2Gi", instances: 1));
        await world.RunUntilAsync(() => Capacities(world).Contains("2Gi") && world.IsRunning(), "its volume grows");
        await world.SettleAsync();
        Assert.Equal(["1Gi", "2Gi"], Capacities(world).Order(StringComparer.Ordinal));
        world.Apply(Sized("2Gi", instances: 2));
        await world.RunUntilAsync(() => Capacities(world).All(c => c == "2Gi") && world.IsRunning(), "the other one follows");
        Assert.Equal(2, provider().Changes);
    }

    [Fact]
    public async Task A_file_system_that_cannot_grow_is_told_and_its_volume_does_not_count_as_grown()
    {
        await using var world = await StartedAsync("ebs", out var provider);
        provider().FileSystem = "zfs";
        world.Apply(Sized("2Gi"));
        await world.RunUntilAsync(() => world.Cluster()!.Status!.PostgresClusterStatus == "UpdateFailed", "it is told");
        Assert.Contains("has the file system zfs", world.Cluster()!.Status!.Conditions!.Single(c => c.Type == "Degraded").Message, StringComparison.Ordinal);
        Assert.All(Capacities(world), c => Assert.Equal("1Gi", c));
        provider().FileSystem = "xfs";
        await world.RunUntilAsync(() => Capacities(world).All(c => c == "2Gi") && world.IsRunning(), "it can grow now");
        Assert.Equal(2, provider().Changes);
    }

    [Fact]
    public async Task The_script_grows_known_file_systems_on_devices_that_have_grown_and_nothing_else()
    {
        await using var world = await StartedAsync("ebs", out var provider);
        world.Apply(Sized("2Gi"));
        await world.RunUntilAsync(() => Capacities(world).All(c => c == "2Gi"), "the file systems grow");
        var directory = Directory.CreateTempSubdirectory("grow-").FullName;
        try
        {
            foreach (var program in new[] { "resize2fs", "xfs_growfs" }) Write(program, $"echo {program} $* >> {directory}/log; exit $(cat {directory}/code)");
            Assert.Equal((0, "resize2fs /dev/no-such-disk"), await RunAsync("/dev/no-such-disk ext4"));
            Assert.Equal((0, "xfs_growfs /home/postgres/pgdata"), await RunAsync("/dev/no-such-disk xfs"));
            Assert.Equal((3, "resize2fs /dev/no-such-disk"), await RunAsync("/dev/no-such-disk ext3", code: 3));
            Assert.Equal((65, ""), await RunAsync("/dev/no-such-disk btrfs"));
            Assert.Equal((65, ""), await RunAsync("overlay ext4"));
            Assert.Equal((65, ""), await RunAsync(""));
            // A device of this machine that is smaller than 2 GiB, where there is one.
            var blocks = new DirectoryInfo("/sys/class/block");
            if (blocks.Exists && blocks.EnumerateFileSystemInfos().FirstOrDefault(b => long.TryParse(ReadSize(b.FullName), out var sectors) && sectors * 512 < 2 * Gibibyte) is { } small)
                Assert.Equal((64, ""), await RunAsync($"/dev/{small.Name} ext4"));
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }

        static string? ReadSize(string block) => File.Exists(Path.Combine(block, "size")) ? File.ReadAllText(Path.Combine(block, "size")).Trim() : null;

        void Write(string program, string text)
        {
            var file = Path.Combine(directory, program);
            File.WriteAllText(file, "#!/bin/sh\n" + text + "\n");
            if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        async Task<(int Code, string Called)> RunAsync(string line, int code = 0)
        {
            Write("df", $"echo 'Filesystem Type 1024-blocks Used Available Capacity Mounted'; echo '{line} 1 1 1 1% /home/postgres/pgdata'");
            File.WriteAllText(Path.Combine(directory, "code"), $"{code}");
            File.Delete(Path.Combine(directory, "log"));
            var start = new System.Diagnostics.ProcessStartInfo("/bin/sh") { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
            start.ArgumentList.Add("-c");
            start.ArgumentList.Add(provider().LastScript);
            start.Environment["PATH"] = $"{directory}:/usr/bin:/bin";
            using var process = System.Diagnostics.Process.Start(start)!;
            var outputs = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken), process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.Empty(outputs[1]);
            var log = Path.Combine(directory, "log");
            return (process.ExitCode, File.Exists(log) ? (await File.ReadAllTextAsync(log, TestContext.Current.CancellationToken)).Trim() : "");
        }
    }

    [Fact]
    public async Task PersistentVolumes_are_watched_only_in_modes_that_need_them_and_missing_rights_are_told()
    {
        await using var world = await StartedAsync("pvc", out var provider);
        Assert.DoesNotContain(world.Server.RequestLog.Snapshot(), r => r.Resource == "persistentvolumes");
        world.Server.Faults.Add(new Testing.ApiServer.Faults.InjectedFault { Verb = "list", Resource = "persistentvolumes", Code = 403, Count = 1000 });
        world.ThingsMayHang = true;
        world.Configuration.Replace(Configured("ebs"));
        world.Apply(Sized("2Gi"));
        await world.RunUntilAsync(() => world.Server.Access.List(KubernetesKinds.Event, "default").Any(e => (string?)e["reason"] == "VolumesNotReadable"), "the missing right is told");
        Assert.Empty(provider().Log);
        world.Server.Faults.Clear();
        await world.RunUntilAsync(() => Capacities(world).All(c => c == "2Gi") && world.IsRunning(), "with the right the volumes grow");
    }

    [Theory]
    [InlineData("ebs")]
    [InlineData("mixed")]
    public Task Volumes_change_once_wherever_the_operator_dies(string mode) => new CrashSuite(output).RunAsync(new CrashFlow($"volumes in mode {mode}", world => world.Apply(Sized("2Gi", type: mode == "mixed" ? "fast" : null)))
    {
        Parameters = Settings(mode),
        Prepare = static world => world.Apply(Sized("1Gi")),
        Furnish = static world =>
        {
            world.Server.PodRuntime = new FakeVolumeProvider(world) { Duration = TimeSpan.FromMinutes(2) };
            AddClass(world, FakeVolumeProvider.Provisioner);
        },
        Plugins = static (services, world) => services with { VolumeResizers = Resizers(ProviderOf(world)) },
        IsDone = world => world.IsRunning() && Capacities(world).All(c => c == "2Gi") && ProviderOf(world).Volumes.Values.ToArray() is { Length: 2 } volumes
            && volumes.All(v => v.Next is null && v.Bytes == 2 * Gibibyte && (mode == "mixed" || v.FileSystemBytes == v.Bytes)),
        IsSound = static (world, _) => Assert.InRange(ProviderOf(world).Changes, 0, 2),
    });

    [Fact]
    public async Task With_the_package_for_EBS_Amazon_gets_one_change_for_each_volume_and_nothing_about_others()
    {
        await using var world = await OperatorWorld.StartAsync(Settings("mixed"));
        await using var amazon = await FakeAmazon.StartAsync(world.Time);
        using var resizer = OnAmazon(world, amazon);
        amazon.Volumes["vol-00000000000000009"] = new FakeAmazon.FakeVolume();
        world.StartOperator();
        world.Apply(Sized("1Gi"));
        await world.RunUntilAsync(() => world.IsRunning(), "the cluster runs");
        await world.SettleAsync();
        Assert.Empty(amazon.Calls);
        world.Apply(Sized("2Gi", type: "gp3", iops: 3500, throughput: 200));
        await world.RunUntilAsync(() => amazon.Calls.Count(c => c.StartsWith("ModifyVolume", StringComparison.Ordinal)) == 2, "both are asked for");
        await world.SettleAsync();
        Assert.Equal(
            ["ModifyVolume VolumeId=vol-00000000000000000 Size=2 VolumeType=gp3 Iops=3500 Throughput=200", "ModifyVolume VolumeId=vol-00000000000000001 Size=2 VolumeType=gp3 Iops=3500 Throughput=200"],
            amazon.Calls.Where(c => c.StartsWith("ModifyVolume", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        Assert.Contains(world.Cluster()!.Status!.Pending!, p => p.WaitsFor == "VolumeProvider");
        foreach (var volume in amazon.Volumes.Values.Where(v => v.State is not null)) volume.State = "optimizing";
        await world.RunUntilAsync(() => world.IsRunning() && world.Cluster()!.Status!.Pending is null or { Count: 0 }, "Amazon is done");
        await world.SettleAsync();
        var calls = amazon.Calls.Count;
        world.Operator!.Engine.EnqueueAll(ReconcilePriority.Resync);
        await world.SettleAsync();
        Assert.Equal(calls, amazon.Calls.Count);
        Assert.Equal(2, amazon.Calls.Count(c => c.StartsWith("ModifyVolume", StringComparison.Ordinal)));
        Assert.Equal(100, amazon.Volumes["vol-00000000000000009"].Size);
        Assert.All(world.PodLives.Values, l => Assert.Single(l));
        // Another change within six hours waits; what Amazon would refuse is not sent at all.
        world.Apply(Sized("2Gi", type: "gp2", iops: 3500));
        await world.RunUntilAsync(() => Degraded(world) == "VolumeFailed", "gp2 takes no IOPS");
        Assert.Contains("type gp2 takes no IOPS", world.Cluster()!.Status!.Conditions!.Single(c => c.Type == "Degraded").Message, StringComparison.Ordinal);
        Assert.Equal(2, amazon.Calls.Count(c => c.StartsWith("ModifyVolume", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_change_of_six_hours_is_looked_at_ever_more_rarely_and_the_status_is_written_in_steps()
    {
        await using var world = await OperatorWorld.StartAsync(Settings("mixed"), TimeSpan.FromDays(30));
        await using var amazon = await FakeAmazon.StartAsync(world.Time);
        using var resizer = OnAmazon(world, amazon);
        world.StartOperator();
        world.Apply(Sized("1Gi"));
        await world.RunUntilAsync(() => world.IsRunning(), "the cluster runs");
        await world.SettleAsync();
        foreach (var volume in amazon.Volumes.Values) volume.Duration = TimeSpan.FromHours(6);
        var writes = 0;
        using var subscription = world.Server.Access.Subscribe(change =>
        {
            if (change is { Kind.Kind: "postgresql", Type: "MODIFIED" }) writes++;
        });
        world.Apply(Sized("1Gi", type: "gp3"));
        var begin = world.Time.GetUtcNow();
        await world.RunUntilAsync(() => world.Time.GetUtcNow() >= begin.AddMinutes(1), "a minute has passed");
        // At first somebody may sit and wait.
        Assert.InRange(amazon.Calls.Count(static c => c == "DescribeVolumes"), 8, 20);
        await world.RunUntilAsync(() => world.IsRunning() && world.Cluster()!.Status!.Pending is null or { Count: 0 }, "Amazon is done", TimeSpan.FromHours(7));
        await world.SettleAsync();
        Assert.InRange(world.Time.GetUtcNow() - begin, TimeSpan.FromHours(6), TimeSpan.FromHours(6) + TimeSpan.FromMinutes(5));
        var looks = amazon.Calls.Count(static c => c == "DescribeVolumes");
        output.WriteLine($"two volumes in six hours: {looks} looks, {writes} writes of the manifest's object");
        Assert.InRange(looks, 2, 2 * 100);
        // The manifest, the beginning, nine steps of ten percent for two volumes that are looked at together, the end.
        Assert.InRange(writes, 3, 16);
        Assert.Equal(2, amazon.Calls.Count(static c => c.StartsWith("ModifyVolume", StringComparison.Ordinal)));
    }

    // Two volumes of EBS, with claims that wait for the cluster.
    private static EbsVolumeResizer OnAmazon(OperatorWorld world, FakeAmazon amazon)
    {
        var resizer = new EbsVolumeResizer(new EbsOptions { Endpoint = amazon.Url }, new Caller(), null, world.Time, static _ => null);
        world.Plugins = services => services with
        {
            VolumeResizers = new Dictionary<string, IVolumeResizer>(StringComparer.Ordinal) { [EbsVolumeResizer.CsiProvisioner] = resizer, [EbsVolumeResizer.InTreeProvisioner] = resizer },
        };
        for (var i = 0; i < 2; i++)
        {
            var id = $"vol-0000000000000000{i}";
            amazon.Volumes[id] = new FakeAmazon.FakeVolume { Size = 1, Iops = 100 };
            amazon.Volumes[id].Tags["CSIVolumeName"] = $"pvc-{i}";
            world.Server.Access.Create(KubernetesKinds.PersistentVolume, Prepared(i, id));
        }

        return resizer;
    }

    private static Task<OperatorWorld> StartedAsync(string mode, out Func<FakeVolumeProvider> provider, string provisioner = FakeVolumeProvider.Provisioner)
    {
        FakeVolumeProvider? made = null;
        provider = () => made!;
        return StartAsync();

        async Task<OperatorWorld> StartAsync()
        {
            var world = await OperatorWorld.StartAsync(Settings(mode), TimeSpan.FromDays(30));
            made = new FakeVolumeProvider(world);
            world.Server.PodRuntime = made;
            world.Plugins = services => services with { VolumeResizers = Resizers(made) };
            AddClass(world, provisioner);
            world.StartOperator();
            world.Apply(Sized("1Gi"));
            await world.RunUntilAsync(() => world.IsRunning(), "the cluster runs");
            await world.SettleAsync();
            return world;
        }
    }

    private static FakeVolumeProvider ProviderOf(OperatorWorld world) => (FakeVolumeProvider)world.Server.PodRuntime!;

    private static Dictionary<string, IVolumeResizer> Resizers(IVolumeResizer resizer) => new(StringComparer.Ordinal) { [FakeVolumeProvider.Provisioner] = resizer };

    private static void AddClass(OperatorWorld world, string provisioner)
    {
        if (world.Server.Access.Get(KubernetesKinds.StorageClass, null, "disks") is not null) return;
        world.Server.Access.Create(KubernetesKinds.StorageClass, new JsonObject
        {
            ["apiVersion"] = "storage.k8s.io/v1", ["kind"] = "StorageClass", ["metadata"] = new JsonObject { ["name"] = "disks" },
            ["provisioner"] = provisioner, ["allowVolumeExpansion"] = true,
        });
    }

    private static async Task NothingIsAskedAsync(OperatorWorld world, FakeVolumeProvider provider)
    {
        var (calls, asked, passes) = (world.Operator!.Client.Calls, provider.Log.Count, world.Operator.Engine.Passes);
        world.Operator.Engine.EnqueueAll(ReconcilePriority.Resync);
        await world.SettleAsync();
        Assert.True(world.Operator.Engine.Passes > passes);
        Assert.Equal((calls, asked), (world.Operator.Client.Calls, provider.Log.Count));
    }

    private static OperatorParameters Settings(string mode) => new() { Kubernetes = new() { StorageResizeMode = mode } };

    private static OperatorConfiguration Configured(string mode) => new() { Form = ConfigurationForm.ConfigMap, Configuration = Settings(mode) };

    private static JsonObject Sized(string size, int instances = 2, string? type = null, int? iops = null, int? throughput = null)
    {
        var manifest = OperatorWorld.Manifest(instances: instances);
        var volume = new JsonObject { ["size"] = size, ["storageClass"] = "disks" };
        if (type is not null) volume["type"] = type;
        if (iops is not null) volume["iops"] = iops;
        if (throughput is not null) volume["throughput"] = throughput;
        manifest["spec"]!["volume"] = volume;
        return manifest;
    }

    private static JsonObject Prepared(int ordinal, string id) => new()
    {
        ["apiVersion"] = "v1", ["kind"] = "PersistentVolume",
        ["metadata"] = new JsonObject { ["name"] = $"pvc-{ordinal}", ["annotations"] = new JsonObject { ["pv.kubernetes.io/provisioned-by"] = EbsVolumeResizer.CsiProvisioner } },
        ["spec"] = new JsonObject
        {
            ["accessModes"] = new JsonArray("ReadWriteOnce"), ["capacity"] = new JsonObject { ["storage"] = "1Gi" }, ["storageClassName"] = "disks",
            ["claimRef"] = new JsonObject { ["namespace"] = OperatorWorld.Namespace, ["name"] = $"pgdata-{Name}-{ordinal}" },
            ["csi"] = new JsonObject { ["driver"] = EbsVolumeResizer.CsiProvisioner, ["volumeHandle"] = id },
            ["nodeAffinity"] = new JsonObject { ["required"] = new JsonObject { ["nodeSelectorTerms"] = new JsonArray(new JsonObject { ["matchExpressions"] = new JsonArray(new JsonObject { ["key"] = "topology.ebs.csi.aws.com/zone", ["operator"] = "In", ["values"] = new JsonArray("eu-central-1a") }) }) } },
        },
    };

    private static string? Degraded(OperatorWorld world) => world.Cluster()!.Status!.Conditions!.Single(c => c.Type == "Degraded").Reason;

    private static IReadOnlyList<string> Claims(OperatorWorld world) =>
        [.. world.Server.Access.List(KubernetesKinds.PersistentVolumeClaim, OperatorWorld.Namespace).Select(c => (string)c["spec"]!["resources"]!["requests"]!["storage"]!)];

    private static IReadOnlyList<string> Capacities(OperatorWorld world) => [.. world.Server.Access.List(KubernetesKinds.PersistentVolume, null).Select(v => (string)v["spec"]!["capacity"]!["storage"]!)];

    private static IReadOnlyList<string> History(OperatorWorld world) =>
        [.. Reconciliation.History.ClusterHistory.Read(world.Server.Access.Get(KubernetesKinds.ConfigMap, OperatorWorld.Namespace, Reconciliation.History.ClusterHistory.NameOf(Name))).Select(e => $"{e.Change}: {string.Join(", ", e.Causes)}")];

    private sealed class Caller : IAwsCredentialSource
    {
        public Task<AwsCredentials> GetAsync(string region, CancellationToken cancellationToken) => Task.FromResult(new AwsCredentials { AccessKeyId = FakeAmazon.KeyId, SecretAccessKey = FakeAmazon.Key });
    }
}
