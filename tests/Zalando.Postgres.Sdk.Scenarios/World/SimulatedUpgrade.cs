using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Zalando.Postgres.Sdk.Testing.ApiServer;

namespace Zalando.Postgres.Sdk.Scenarios.World;

/// <summary>The image's upgrade script as seen through exec: begun in the background, looked after, ended with an exit code. It keeps what the files of the pod would keep.</summary>
internal sealed partial class SimulatedUpgrade(int version) : IPodRuntime
{
    private readonly Lock _lock = new();
    private string? _attempt;
    private int _target;
    private int _looks;

    /// <summary>The version that runs.</summary>
    public int Version { get; private set; } = version;

    /// <summary>How often the script was really begun.</summary>
    public int Starts { get; private set; }

    /// <summary>The steps that were asked for.</summary>
    public List<string> Steps { get; } = [];

    /// <summary>How many looks it takes.</summary>
    public int Duration { get; set; } = 3;

    /// <summary>How the script ends.</summary>
    public int ExitCode { get; set; }

    /// <summary>What the check says; null when it passes.</summary>
    public string? CheckFailure { get; set; }

    /// <summary>Whether the script goes away without a result.</summary>
    public bool IsLost { get; set; }

    /// <summary>The container starts again, and the script and its files are gone.</summary>
    public void Forget()
    {
        lock (_lock) _attempt = null;
    }

    public Task<Stream> OpenLogAsync(JsonObject pod, PodLogRequest request, CancellationToken cancellationToken) => throw new ApiStatusException(400, "BadRequest", "no log");

    public async Task<int> ExecAsync(JsonObject pod, PodExecRequest request, CancellationToken cancellationToken)
    {
        var script = request.Command[^1];
        var (code, text) = Answer(script);
        if (request.StandardOutput is { } output) await output.WriteAsync(Encoding.UTF8.GetBytes(text), cancellationToken);
        return code;
    }

    private (int Code, string Text) Answer(string script)
    {
        var head = Head().Match(script);
        if (!head.Success) return (127, "unknown command");
        var attempt = head.Groups[2].Value;
        lock (_lock)
        {
            Steps.Add(head.Groups[1].Value);
            switch (head.Groups[1].Value)
            {
                case "check":
                    return CheckFailure is null ? (0, "") : (1, CheckFailure + "\n");
                case "start":
                    if (_attempt == attempt) return (0, "");
                    _attempt = attempt;
                    _target = int.Parse(Target().Match(script).Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture);
                    _looks = 0;
                    Starts++;
                    return (0, "");
                default:
                    if (_attempt != attempt) return (0, "none\n");
                    if (++_looks < Duration) return (0, "running\nPerforming Consistency Checks\n");
                    if (IsLost) return (0, "lost\nStopping the cluster\n");
                    if (ExitCode == 0) Version = _target * 10000 + 1;
                    return (0, $"exit {ExitCode}\n{(ExitCode == 0 ? "Upgrade completed" : "ERROR: There are prepared transactions")}\n");
            }
        }
    }

    [GeneratedRegex("^# (check|start|watch) ([^\n]+)\n")]
    private static partial Regex Head();

    [GeneratedRegex(@"PGVERSION=(\d+) ")]
    private static partial Regex Target();
}
