using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Zalando.Postgres.Sdk.Sandbox.Processes;

/// <summary>The few calls of the C library that .NET has no name for.</summary>
internal static partial class Posix
{
    public static void ChangeOwner(string path, uint user, uint group)
    {
        if (Chown(path, user, group) != 0) throw new IOException($"The owner of {path} cannot be changed: {LastError()}");
    }

    public static void CreateNamedPipe(string path)
    {
        const uint OwnerAndGroup = 0b110_110_000;
        if (MakeNamedPipe(path, OwnerAndGroup) != 0) throw new IOException($"The named pipe {path} cannot be made: {LastError()}");
    }

    private static string LastError() => new Win32Exception(Marshal.GetLastPInvokeError()).Message;

    [LibraryImport("libc", EntryPoint = "chown", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Chown(string path, uint user, uint group);

    [LibraryImport("libc", EntryPoint = "mkfifo", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int MakeNamedPipe(string path, uint mode);
}
