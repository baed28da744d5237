using System.Security.Cryptography;
using System.Text;
using Zalando.Postgres.Sdk.Testing.ApiServer.Kinds;

namespace Zalando.Postgres.Sdk.Testing.ApiServer.Discovery;

/// <summary>The hash that discovery shows of the version a kind is stored in: of its group, version and kind.</summary>
internal static class StorageVersionHashes
{
    public static string Of(ServedKind kind)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{kind.Kind.Group}/{kind.Kind.Version}/{kind.Kind.Kind}"));
        return Convert.ToBase64String(hash.AsSpan(0, 8));
    }
}
