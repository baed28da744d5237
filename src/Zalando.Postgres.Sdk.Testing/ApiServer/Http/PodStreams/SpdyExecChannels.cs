using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Zalando.Postgres.Sdk.Testing.ApiServer.Http.Spdy;
using Zalando.Postgres.Sdk.Testing.ApiServer.Storage;

namespace Zalando.Postgres.Sdk.Testing.ApiServer.Http.PodStreams;

/// <summary>Exec over SPDY, as kubectl does it before version 1.31: a stream per channel, told apart by the header <c>streamType</c>; the final Status goes to
/// the stream <c>error</c>.</summary>
internal sealed class SpdyExecChannels : ExecChannels
{
    private const string Use = "v4.channel.k8s.io";
    private static readonly TimeSpan PatienceForStreams = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan PatienceForEnd = TimeSpan.FromSeconds(10);

    private readonly SpdyConnection _connection;
    private readonly CancellationTokenSource _gone;
    private readonly Task _running;
    private readonly Dictionary<string, SpdyStream> _streams = new(StringComparer.Ordinal);

    private SpdyExecChannels(SpdyConnection connection, CancellationToken aborted)
    {
        _connection = connection;
        _gone = CancellationTokenSource.CreateLinkedTokenSource(aborted);
        _running = RunAsync(aborted);
    }

    public override Stream? Input => _streams.GetValueOrDefault("stdin")?.Input;

    public override Stream? Output => _streams.GetValueOrDefault("stdout")?.Output;

    public override Stream? Error => _streams.GetValueOrDefault("stderr")?.Output;

    public override CancellationToken Gone => _gone.Token;

    public static async Task<ExecChannels> AcceptAsync(HttpContext http, ExecStreamSelection wanted)
    {
        var channels = new SpdyExecChannels(await SpdyUpgrade.AcceptAsync(http, Use).ConfigureAwait(false), http.RequestAborted);
        var missing = new HashSet<string>(StringComparer.Ordinal) { "error" };
        if (wanted.Input) missing.Add("stdin");
        if (wanted.Output) missing.Add("stdout");
        if (wanted.Error) missing.Add("stderr");
        if (wanted.Terminal) missing.Add("resize");
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(channels.Gone);
        patience.CancelAfter(PatienceForStreams);
        await foreach (var stream in channels._connection.Accepted.ReadAllAsync(patience.Token).ConfigureAwait(false))
        {
            var type = stream.Headers.GetValueOrDefault("streamType") ?? "";
            channels._streams[type] = stream;
            missing.Remove(type);
            if (missing.Count == 0) break;
        }

        return channels;
    }

    public override async Task FinishAsync(JsonObject status)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Gone);
        limit.CancelAfter(PatienceForEnd);
        try
        {
            foreach (var (type, stream) in _streams)
            {
                if (type == "error") await stream.Output.WriteAsync(JsonText.Write(status), limit.Token).ConfigureAwait(false);
                if (type is "error" or "stdout" or "stderr") await stream.EndAsync(limit.Token).ConfigureAwait(false);
            }

            // The client closes when it has read everything; what it still types must not turn into a reset that loses the output.
            await _running.WaitAsync(limit.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // The client closed first, or never does.
        }
    }

    public override async ValueTask DisposeAsync()
    {
        await _gone.CancelAsync().ConfigureAwait(false);
        await _connection.DisposeAsync().ConfigureAwait(false);
        _gone.Dispose();
    }

    private async Task RunAsync(CancellationToken aborted)
    {
        await _connection.RunAsync(aborted).ConfigureAwait(false);
        await _gone.CancelAsync().ConfigureAwait(false);
    }
}
