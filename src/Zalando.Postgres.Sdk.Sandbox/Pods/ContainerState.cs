using System.Globalization;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Sandbox.Pods;

/// <summary>The status of one container, as it is shown in the pod.</summary>
internal sealed class ContainerState(Container container)
{
    private JsonObject _state = Waiting("ContainerCreating", null);
    private JsonObject _lastState = [];

    public Container Container { get; } = container;

    public int Restarts { get; set; }

    public bool Ready { get; set; }

    public bool Started { get; private set; }

    public bool IsRunning => _state.ContainsKey("running");

    public string? ContainerId { get; set; }

    /// <summary>The reason of the waiting or terminated state; null while running.</summary>
    public string? Reason => (string?)(_state["waiting"]?["reason"] ?? _state["terminated"]?["reason"]);

    public void SetWaiting(string reason, string? message)
    {
        _state = Waiting(reason, message);
        Ready = Started = false;
    }

    public void SetRunning(DateTimeOffset since)
    {
        _state = new JsonObject { ["running"] = new JsonObject { ["startedAt"] = Stamp(since) } };
        Started = true;
        Ready = false;
    }

    public void SetTerminated(int exitCode, string reason, DateTimeOffset started, DateTimeOffset finished)
    {
        var terminated = new JsonObject
        {
            ["exitCode"] = exitCode,
            ["reason"] = reason,
            ["startedAt"] = Stamp(started),
            ["finishedAt"] = Stamp(finished),
            ["containerID"] = ContainerId,
        };
        if (exitCode > 128) terminated["signal"] = exitCode - 128;
        _state = new JsonObject { ["terminated"] = terminated };
        Ready = Started = false;
    }

    /// <summary>Moves a terminated state to <c>lastState</c>: the next run begins.</summary>
    public void Remember()
    {
        if (_state.ContainsKey("terminated")) _lastState = (JsonObject)_state.DeepClone();
    }

    public JsonObject ToJson()
    {
        var status = new JsonObject
        {
            ["name"] = Container.Name,
            ["image"] = Container.Image,
            ["imageID"] = IsRunning ? Container.Image : string.Empty,
            ["ready"] = Ready,
            ["started"] = Started,
            ["restartCount"] = Restarts,
            ["state"] = _state.DeepClone(),
            ["lastState"] = _lastState.DeepClone(),
        };
        if (ContainerId is not null) status["containerID"] = ContainerId;
        return status;
    }

    internal static string Stamp(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static JsonObject Waiting(string reason, string? message)
    {
        var waiting = new JsonObject { ["reason"] = reason };
        if (message is not null) waiting["message"] = message;
        return new JsonObject { ["waiting"] = waiting };
    }
}
