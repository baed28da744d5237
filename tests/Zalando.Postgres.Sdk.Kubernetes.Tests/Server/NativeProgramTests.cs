using System.Diagnostics;
using System.Text.RegularExpressions;
using Zalando.Postgres.Sdk.Testing.ApiServer;

namespace Zalando.Postgres.Sdk.Kubernetes.Tests.Server;

/// <summary>A small program over Resources and Kubernetes is published as native code and as trimmed code, without warnings, and talks to a server.</summary>
/// <remarks>Publishing takes a minute or two. What is missing for it on a machine is a printed reason to skip.</remarks>
public sealed partial class NativeProgramTests
{
    private static readonly string[] Steps =
    [
        "stored probe", "key: value", "cached 1", "created StatefulSet probe with 1 replica", "refused AlreadyExists", "watched other", "leading True", "deleted True", "done",
    ];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_natively_compiled_program_builds_without_warnings_and_works()
    {
        if (!OperatingSystem.IsLinux()) Assert.Skip("native AOT is tried on Linux only");
        if (!IsOnPath("clang") && !IsOnPath("gcc")) Assert.Skip("the linker of native AOT is missing: install clang (or gcc) and zlib1g-dev");
        if (!File.Exists("/usr/include/zlib.h")) Assert.Skip("the zlib headers of native AOT are missing: install zlib1g-dev");
        await PublishAndRunAsync("aot", "-p:PublishAot=true", "-p:StripSymbols=false", $"-p:CppCompilerAndLinker={(IsOnPath("clang") ? "clang" : "gcc")}");
    }

    [Fact]
    public async Task A_trimmed_program_builds_without_warnings_and_works()
    {
        if (!OperatingSystem.IsLinux()) Assert.Skip("trimming is tried on Linux only");
        await PublishAndRunAsync("trimmed", "-p:PublishTrimmed=true", "--self-contained");
    }

    private static async Task PublishAndRunAsync(string name, params string[] how)
    {
        var root = RepositoryRoot();
        var work = Path.Combine(AppContext.BaseDirectory, "published", name);
        // A copy without lock files and build output: publishing needs other packages, and an ordinary build may run beside this one.
        var source = Path.Combine(work, "source");
        if (Directory.Exists(source)) Directory.Delete(source, recursive: true);
        foreach (var file in (string[])["Directory.Build.props", "Directory.Packages.props", "NuGet.config", "global.json", ".editorconfig", "BannedSymbols.txt", "src/Directory.Build.props"]) Copy(root, source, file);
        foreach (var directory in (string[])["src/Zalando.Postgres.Sdk.Resources", "src/Zalando.Postgres.Sdk.Kubernetes", "tests/AotProbe"])
        {
            foreach (var file in Directory.EnumerateFiles(Path.Combine(root, directory), "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(root, file)))
            {
                if (Path.GetFileName(file) != "packages.lock.json" && !file.Split('/').Any(part => part is "bin" or "obj")) Copy(root, source, file);
            }
        }

        string[] arguments =
        [
            "publish", Path.Combine(source, "tests", "AotProbe", "AotProbe.csproj"), "-c", "Release", "-r", System.Runtime.InteropServices.RuntimeInformation.RuntimeIdentifier, "-nologo", "-v", "minimal",
            "-o", Path.Combine(work, "out"), "-p:RestoreLockedMode=false", "-p:TreatWarningsAsErrors=false",
            "-p:UseSharedCompilation=false", "-nodeReuse:false", "-p:RunAnalyzers=false", .. how,
        ];
        var (code, output) = await RunAsync("dotnet", arguments, TimeSpan.FromMinutes(8));
        if (code != 0 && MissingPackages().Match(output) is { Success: true } missing) Assert.Skip($"the package source lacks what publishing needs: {missing.Value}");
        Assert.True(code == 0, output);
        Assert.DoesNotMatch("warning (IL|AD|CA)[0-9]+", output);

        await using var server = await InMemoryApiServer.StartAsync(new ApiServerOptions { Controllers = [] }, Stop);
        var kubeconfig = Path.Combine(work, "kubeconfig");
        await File.WriteAllTextAsync(kubeconfig, server.Kubeconfig, Stop);
        var (exit, printed) = await RunAsync(Path.Combine(work, "out", "AotProbe"), [kubeconfig], TimeSpan.FromMinutes(1));
        Assert.True(exit == 0, printed);
        Assert.Equal(Steps, printed.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
    }

    private static void Copy(string from, string to, string file)
    {
        var target = Path.Combine(to, file);
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        File.Copy(Path.Combine(from, file), target);
    }

    private static async Task<(int Code, string Output)> RunAsync(string program, string[] arguments, TimeSpan limit)
    {
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        // Settings of the test run's own build would change this one.
        foreach (var variable in (string[])["MSBUILDDISABLENODEREUSE", "UseSharedCompilation", "RunAnalyzers", "MSBuildSDKsPath", "MSBUILD_EXE_PATH", "MSBuildExtensionsPath"]) start.Environment.Remove(variable);
        using var process = Process.Start(start)!;
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        deadline.CancelAfter(limit);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(deadline.Token);
            var errors = process.StandardError.ReadToEndAsync(deadline.Token);
            await process.WaitForExitAsync(deadline.Token);
            return (process.ExitCode, await output + await errors);
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
    }

    private static bool IsOnPath(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(directory => File.Exists(Path.Combine(directory, program)));

    private static string RepositoryRoot()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "Zalando.Postgres.Sdk.sln"))) directory = directory.Parent;
        return directory!.FullName;
    }

    [GeneratedRegex(@"error NU(1101|1102|1103|1301): [^\n\[]*", RegexOptions.ExplicitCapture)]
    private static partial Regex MissingPackages();
}
