using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Planning.StatefulSets;

/// <summary>Where the files of an own certificate are in a pod.</summary>
internal static class TlsFiles
{
    private const string Directory = "/tls";
    private const string AuthorityDirectory = "/tlsca";

    // Readable for the group only: the key must not be open to others.
    private const int FileMode = 416;

    public static bool IsUsed(TlsSection? tls) => tls?.SecretName is { Length: > 0 };

    public static IEnumerable<EnvVar> Variables(TlsSection tls, string certificate, string key, string authority)
    {
        yield return new EnvVar { Name = certificate, Value = PathOf(Directory, tls.CertificateFile, "tls.crt") };
        yield return new EnvVar { Name = key, Value = PathOf(Directory, tls.PrivateKeyFile, "tls.key") };
        if (tls.CaFile is { Length: > 0 } file)
            yield return new EnvVar { Name = authority, Value = PathOf(tls.CaSecretName is { Length: > 0 } ? AuthorityDirectory : Directory, file, "") };
    }

    public static IEnumerable<(Volume Volume, VolumeMount Mount)> Volumes(TlsSection tls)
    {
        yield return Secret(tls.SecretName!, Directory);
        if (tls.CaFile is { Length: > 0 } && tls.CaSecretName is { Length: > 0 } authority) yield return Secret(authority, AuthorityDirectory);
    }

    private static (Volume, VolumeMount) Secret(string name, string path) => (
        new Volume { Name = name, Secret = new SecretVolumeSource { SecretName = name, DefaultMode = FileMode } },
        new VolumeMount { Name = name, MountPath = path });

    private static string PathOf(string directory, string? file, string fallback)
    {
        var name = file is { Length: > 0 } ? file : fallback;
        if (name.StartsWith('/')) return name;
        var parts = new List<string>();
        foreach (var part in (directory + "/" + name).Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (part == ".") continue;
            if (part != "..") parts.Add(part);
            else if (parts.Count > 0) parts.RemoveAt(parts.Count - 1);
        }

        return "/" + string.Join('/', parts);
    }
}
