using System.Buffers.Binary;
using System.Text;

namespace Zalando.Postgres.Sdk.Testing.ApiServer.Http.Protobuf;

/// <summary>Reads the fields of one protobuf message.</summary>
internal ref struct ProtobufReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _left = bytes;

    /// <summary>Number of the field that was read last.</summary>
    public int Field { get; private set; }

    /// <summary>Value of a numeric field.</summary>
    public ulong Number { get; private set; }

    /// <summary>Value of a text, bytes or message field.</summary>
    public ReadOnlySpan<byte> Bytes { get; private set; }

    /// <summary>Whether the last field has <see cref="Bytes"/> and not a <see cref="Number"/>.</summary>
    public bool HasBytes { get; private set; }

    public readonly string Text => Encoding.UTF8.GetString(Bytes);

    /// <summary>Reads the next field.</summary>
    /// <exception cref="FormatException">This is no protobuf.</exception>
    public bool Next()
    {
        if (_left.IsEmpty) return false;
        var tag = Varint();
        Field = (int)(tag >> 3);
        Bytes = default;
        Number = 0;
        HasBytes = false;
        switch (tag & 7)
        {
            case 0:
                Number = Varint();
                break;
            case 1:
                Number = BinaryPrimitives.ReadUInt64LittleEndian(Take(8));
                break;
            case 2:
                var length = Varint();
                Bytes = Take(length > int.MaxValue ? throw new FormatException("a field is longer than the message") : (int)length);
                HasBytes = true;
                break;
            case 5:
                Number = BinaryPrimitives.ReadUInt32LittleEndian(Take(4));
                break;
            default:
                throw new FormatException($"field {Field} has the unknown wire type {tag & 7}");
        }

        return true;
    }

    private ulong Varint()
    {
        ulong value = 0;
        for (var shift = 0; shift < 70; shift += 7)
        {
            var next = Take(1)[0];
            value |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80) return value;
        }

        throw new FormatException("a number does not end");
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > _left.Length) throw new FormatException("the message ends too early");
        var taken = _left[..count];
        _left = _left[count..];
        return taken;
    }
}
