namespace Zalando.Postgres.Sdk.Sandbox.Tests;

/// <summary>Runs the tests; with <c>sandbox DIRECTORY</c> it is a sandbox with one running pod instead, to be killed.</summary>
internal static class Program
{
    private static async Task<int> Main(string[] arguments)
    {
        if (arguments is not ["sandbox", var directory]) return await Xunit.Runner.InProc.SystemConsole.ConsoleRunner.Run(arguments);
        await using var sandbox = await SandboxCluster.StartAsync(TestPods.Options with { Directory = directory }, CancellationToken.None);
        TestPods.CreateSecrets(sandbox.ApiServer.Access);
        TestPods.Create(sandbox.ApiServer.Access, TestPods.Database("lone"));
        await TestPods.UntilAsync(sandbox, () => TestPods.Label(sandbox, "lone", "spilo-role") == "master", CancellationToken.None);
        Console.WriteLine(string.Join(' ', sandbox.Pods.List().SelectMany(p => p.ProcessIds)));
        // Waits to be killed; ends by itself when the test goes first.
        await Console.In.ReadToEndAsync();
        return 0;
    }
}
