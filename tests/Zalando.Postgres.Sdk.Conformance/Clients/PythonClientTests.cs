using System.Diagnostics;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Testing.ApiServer;
using Zalando.Postgres.Sdk.Testing.Controllers;

namespace Zalando.Postgres.Sdk.Conformance.Clients;

/// <summary>The Python client of Kubernetes (Debian package python3-kubernetes), driven by a script of ours.</summary>
public sealed class PythonClientTests
{
    private static readonly string[] Steps = ["typed objects", "paged lists", "patches", "compact", "watches", "custom objects", "pods", "reviews"];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_python_client_reads_writes_watches_and_runs_commands()
    {
        // Not the first python3 of the search path: Debian's packages belong to Debian's Python.
        const string python = "/usr/bin/python3";
        if (!File.Exists(python) || (await ForeignProgram.RunAsync(ForeignProgram.Start(python, ["-c", "import kubernetes.stream"], []), null, Stop)).Code != 0)
            Assert.Skip("Python's client of Kubernetes is missing: install the Debian package python3-kubernetes");

        await using var server = await InMemoryApiServer.StartAsync(new ApiServerOptions { SimulatedNode = new SimulatedNodeOptions(), PodRuntime = new EchoRuntime() }, Stop);
        while (server.Access.Get(KubernetesKinds.ServiceAccount, "default", "default") is null)
        {
            Stop.ThrowIfCancellationRequested();
            await Task.Yield();
        }

        var home = Directory.CreateTempSubdirectory("python").FullName;
        try
        {
            var kubeconfig = Path.Combine(home, "kubeconfig");
            await server.WriteKubeconfigAsync(kubeconfig, Stop);
            var start = ForeignProgram.Start(python, ["-B", Path.Combine(AppContext.BaseDirectory, "python_client.py"), kubeconfig], [("HOME", home), ("PYTHONUNBUFFERED", "1")]);
            using var process = Process.Start(start)!;
            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Stop);
            deadline.CancelAfter(TimeSpan.FromMinutes(2));
            try
            {
                var errors = process.StandardError.ReadToEndAsync(deadline.Token);
                var done = new List<string>();
                while (await process.StandardOutput.ReadLineAsync(deadline.Token) is { } line)
                {
                    done.Add(line);
                    if (line != "compact") continue;
                    server.Faults.CompactHistory();
                    await process.StandardInput.WriteLineAsync("done".AsMemory(), deadline.Token);
                    await process.StandardInput.FlushAsync(deadline.Token);
                }

                await process.WaitForExitAsync(deadline.Token);
                Assert.True(process.ExitCode == 0, $"after {string.Join(", ", done)}:\n{await errors}");
                Assert.Equal(Steps, done);
            }
            finally
            {
                if (!process.HasExited) process.Kill(entireProcessTree: true);
            }
        }
        finally
        {
            Directory.Delete(home, recursive: true);
        }
    }
}
