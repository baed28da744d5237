using System.Diagnostics;
using System.Globalization;

namespace Zalando.Postgres.Sdk.Sandbox.Processes;

/// <summary>The running program of a container, together with every process that came from it.</summary>
/// <remarks>
/// The program runs under <c>container-process.py</c>, which is told by a pipe what to do, and which kills everything when the pipe closes:
/// so nothing survives this process, however it ends.
/// </remarks>
internal sealed class ContainerProcess
{
    private readonly StreamWriter _input;
    private readonly Lock _lock = new();

    private ContainerProcess(Process process, Action<string, string> onLine)
    {
        SupervisorId = process.Id;
        _input = process.StandardInput;
        Completion = WaitAsync(process, onLine);
    }

    /// <summary>The exit code of the program (128 + number of the signal that ended it), when all its processes are gone.</summary>
    public Task<int> Completion { get; }

    /// <summary>Process id of the supervisor.</summary>
    public int SupervisorId { get; }

    /// <summary>Process id of the program itself; null when it has ended.</summary>
    public int? ProgramId => ProcessTree.Children(SupervisorId) is [var first, ..] ? first : null;

    /// <summary>Starts a program. When it ends while <paramref name="againFile"/> exists, it is started again and the file removed.</summary>
    public static ContainerProcess Start(SandboxDirectory directory, SandboxPrograms programs, ContainerCommand command, string againFile, Action<string, string> onLine)
    {
        var info = StartInfo(directory, programs, command, ["main", againFile]);
        var process = Process.Start(info) ?? throw new SandboxException($"{info.FileName} did not start.");
        return new ContainerProcess(process, onLine);
    }

    /// <summary>How to run <paramref name="command"/> under the supervisor, in the account of the pods.</summary>
    public static ProcessStartInfo StartInfo(SandboxDirectory directory, SandboxPrograms programs, ContainerCommand command, IReadOnlyList<string> mode)
    {
        var account = directory.Account;
        var info = new ProcessStartInfo
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            WorkingDirectory = command.WorkingDirectory,
        };
        var arguments = info.ArgumentList;
        if (account.IsOther)
        {
            info.FileName = programs.SetPrivileges;
            arguments.Add("--reuid=" + account.UserId.ToString(CultureInfo.InvariantCulture));
            arguments.Add("--regid=" + account.GroupId.ToString(CultureInfo.InvariantCulture));
            arguments.Add("--init-groups");
            arguments.Add("--");
            arguments.Add(programs.Python);
        }
        else
        {
            info.FileName = programs.Python;
        }

        arguments.Add("-I");
        arguments.Add("-S");
        arguments.Add(directory.ContainerProcessScript);
        foreach (var word in mode) arguments.Add(word);
        arguments.Add("--");
        foreach (var word in command.Program) arguments.Add(word);
        info.Environment.Clear();
        foreach (var (name, value) in command.Environment) info.Environment[name] = value;
        return info;
    }

    /// <summary>Asks the program to end (SIGTERM), and kills what is left after <paramref name="grace"/>.</summary>
    public void Stop(TimeSpan grace) => Send(string.Create(CultureInfo.InvariantCulture, $"stop {grace.TotalSeconds:0.###}"));

    /// <summary>Kills all processes at once (SIGKILL), as a lost node or the kernel short of memory does.</summary>
    public void Kill() => Send("kill");

    private static async Task<int> WaitAsync(Process process, Action<string, string> onLine)
    {
        using (process)
        {
            var output = ReadAsync(process.StandardOutput, "stdout", onLine);
            var error = ReadAsync(process.StandardError, "stderr", onLine);
            await Task.WhenAll(output, error).ConfigureAwait(false);
            await process.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
            return process.ExitCode;
        }
    }

    private static async Task ReadAsync(StreamReader reader, string stream, Action<string, string> onLine)
    {
        try
        {
            while (await reader.ReadLineAsync(CancellationToken.None).ConfigureAwait(false) is { } line) onLine(stream, line);
        }
        catch (IOException)
        {
            // The pipe broke with the process: there is nothing more to read.
        }
    }

    private void Send(string command)
    {
        lock (_lock)
        {
            if (Completion.IsCompleted) return;
            try
            {
                _input.WriteLine(command);
                _input.Flush();
            }
            catch (Exception exception) when (exception is IOException or InvalidOperationException or ObjectDisposedException)
            {
                // It has just ended by itself.
            }
        }
    }
}
