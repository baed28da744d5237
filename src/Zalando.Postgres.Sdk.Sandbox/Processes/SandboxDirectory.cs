using System.Text;

namespace Zalando.Postgres.Sdk.Sandbox.Processes;

/// <summary>The directory of one running sandbox: claims, logs, sockets, configuration of pods. Everything in it belongs to the account of the pods.</summary>
internal sealed class SandboxDirectory : IDisposable
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    // A path of a Unix socket has at most 107 bytes; PostgreSQL appends "/.s.PGSQL.5432.lock" to ours.
    private const int LongestSocketDirectory = 80;

    private readonly FileStream _lifeline;
    private readonly bool _keep;

    public SandboxDirectory(string path, Account account, string python, bool keep)
    {
        Root = Path.GetFullPath(path);
        Account = account;
        _keep = keep;
        if (Encoding.UTF8.GetByteCount(Root) > LongestSocketDirectory - 10)
        {
            throw new SandboxException($"The sandbox directory '{Root}' is too long for the Unix sockets of PostgreSQL below it: use a path of at most {LongestSocketDirectory - 10} bytes.");
        }

        if (Directory.Exists(Root) && Directory.EnumerateFileSystemEntries(Root).Any())
        {
            throw new SandboxException($"The sandbox directory '{Root}' is not empty. Give a new one: a sandbox never touches files that it has not made.");
        }

        Create();
        ContainerProcessScript = Path.Combine(Root, "container-process.py");
        WriteFile(ContainerProcessScript, Resource("container-process.py"));
        CommandDirectory = Create("bin");
        WriteFile(Path.Combine(CommandDirectory, "pkill"), $"#!{python} -IS\n{Resource("pkill.py")}", Private);
        Lifeline = Path.Combine(Root, "lifeline");
        Posix.CreateNamedPipe(Lifeline);
        account.Own(Lifeline);
        // Opened for reading and writing, or opening would wait for a reader. It closes when this process ends, however it ends.
        _lifeline = new FileStream(Lifeline, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
    }

    public string Root { get; }

    public Account Account { get; }

    public string ContainerProcessScript { get; }

    /// <summary>Programs that stand in for the machine's own in commands inside a pod.</summary>
    public string CommandDirectory { get; }

    /// <summary>A named pipe that loses its last writer when this process dies.</summary>
    public string Lifeline { get; }

    public static string Resource(string name)
    {
        using var stream = typeof(SandboxDirectory).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"The resource {name} is missing from the assembly.");
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }

    /// <summary>Makes a directory (and those above it, up to the root) that only the account of the pods can enter.</summary>
    public string Create(params ReadOnlySpan<string> below)
    {
        var path = Root;
        Make(path);
        foreach (var part in below)
        {
            path = Path.Combine(path, part);
            Make(path);
        }

        return path;
    }

    /// <summary>Writes a file that only the account of the pods can read.</summary>
    public void WriteFile(string path, string text, UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite) =>
        WriteFile(path, Encoding.UTF8.GetBytes(text), mode);

    /// <inheritdoc cref="WriteFile(string, string, UnixFileMode)" />
    public void WriteFile(string path, byte[] content, UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite)
    {
        if (OperatingSystem.IsWindows()) throw new PlatformNotSupportedException();
        using (var file = new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            UnixCreateMode = mode,
        }))
        {
            file.Write(content);
        }

        Account.Own(path);
    }

    public static void Remove(string path)
    {
        try
        {
            if (Directory.Exists(path)) Directory.Delete(path, recursive: true);
        }
        catch (IOException)
        {
            // A file that appeared while the tree was removed: the last attempt is that of the whole sandbox.
        }
        catch (UnauthorizedAccessException)
        {
        }
    }

    public void Dispose()
    {
        _lifeline.Dispose();
        if (!_keep) Remove(Root);
    }

    private void Make(string path)
    {
        if (OperatingSystem.IsWindows()) throw new PlatformNotSupportedException();
        if (Directory.Exists(path)) return;
        Directory.CreateDirectory(path, Private);
        Account.Own(path);
    }
}
