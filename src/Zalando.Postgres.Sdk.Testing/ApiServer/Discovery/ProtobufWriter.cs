using System.Text;

namespace Zalando.Postgres.Sdk.Testing.ApiServer.Discovery;

/// <summary>Writes the fields of one protobuf message.</summary>
internal sealed class ProtobufWriter
{
    private readonly MemoryStream _bytes = new();

    public ProtobufWriter Text(int field, string? value)
    {
        if (value is not null) Bytes(field, Encoding.UTF8.GetBytes(value));
        return this;
    }

    public ProtobufWriter Flag(int field, bool value)
    {
        Varint((ulong)field << 3);
        Varint(value ? 1UL : 0);
        return this;
    }

    public ProtobufWriter Message(int field, ProtobufWriter message) => Bytes(field, message._bytes.GetBuffer().AsSpan(0, (int)message._bytes.Length));

    public byte[] ToArray() => _bytes.ToArray();

    private ProtobufWriter Bytes(int field, ReadOnlySpan<byte> value)
    {
        Varint((ulong)field << 3 | 2);
        Varint((ulong)value.Length);
        _bytes.Write(value);
        return this;
    }

    private void Varint(ulong value)
    {
        while (value >= 0x80)
        {
            _bytes.WriteByte((byte)(value | 0x80));
            value >>= 7;
        }

        _bytes.WriteByte((byte)value);
    }
}
