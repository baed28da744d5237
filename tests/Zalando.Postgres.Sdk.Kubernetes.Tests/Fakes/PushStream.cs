using System.IO.Pipelines;
using System.Text;

namespace Zalando.Postgres.Sdk.Kubernetes.Tests.Fakes;

/// <summary>A body that a test writes while somebody reads it.</summary>
internal sealed class PushStream : Stream
{
    private readonly Pipe _pipe = new(new PipeOptions(pauseWriterThreshold: 0));
    private readonly Stream _reader;

    public PushStream() => _reader = _pipe.Reader.AsStream();

    public bool IsOver { get; private set; }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public void Push(string line) => PushRaw(line + "\n");

    public void PushRaw(string text)
    {
        if (IsOver) return;
        var bytes = Encoding.UTF8.GetBytes(text);
        bytes.CopyTo(_pipe.Writer.GetMemory(bytes.Length));
        _pipe.Writer.Advance(bytes.Length);
        // Without a threshold a flush never waits.
        _ = _pipe.Writer.FlushAsync().AsTask();
    }

    public void Complete(Exception? exception = null)
    {
        IsOver = true;
        _pipe.Writer.Complete(exception);
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => _reader.ReadAsync(buffer, cancellationToken);

    public override void Flush() => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        IsOver = true;
        base.Dispose(disposing);
    }
}
