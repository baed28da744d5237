using System.Text;

namespace Zalando.Postgres.Sdk.Kubernetes.Transport;

/// <summary>Keeps the first bytes of a stream and drops the rest.</summary>
internal sealed class BoundedOutput(int maximum)
{
    private readonly MemoryStream _bytes = new();

    public void Add(ReadOnlySpan<byte> bytes)
    {
        var room = maximum - (int)_bytes.Length;
        if (room > 0) _bytes.Write(bytes[..Math.Min(room, bytes.Length)]);
    }

    public ReadOnlySpan<byte> Bytes => _bytes.GetBuffer().AsSpan(0, (int)_bytes.Length);

    public override string ToString() => Encoding.UTF8.GetString(Bytes);
}
