using System.Net;
using System.Text.Json.Nodes;

namespace Zalando.Postgres.Sdk.Kubernetes.Tests.Fakes;

/// <summary>The part of an API server that keeps one lease: versions and conflicts.</summary>
internal sealed class LeaseServer
{
    private readonly Lock _lock = new();
    private JsonObject? _lease;
    private int _version;

    public string? Holder
    {
        get
        {
            lock (_lock) return _lease?["spec"]?["holderIdentity"]?.GetValue<string>();
        }
    }

    public JsonObject? Spec
    {
        get
        {
            lock (_lock) return _lease?["spec"]?.DeepClone().AsObject();
        }
    }

    /// <summary>A client of this server whose network breaks when told so.</summary>
    public ScriptedHandler Connect(RestingTime time, Func<bool> isCut, Func<bool>? losesAnswers = null) => new(async (request, cancellationToken) =>
    {
        if (isCut())
        {
            // Silence, not an error: the worst kind of cut.
            await time.HangAsync(cancellationToken);
        }

        var response = Answer(request);
        if (losesAnswers?.Invoke() == true) await time.HangAsync(cancellationToken);
        return response;
    });

    public void Label()
    {
        lock (_lock)
        {
            _lease!["metadata"]!["labels"] = new JsonObject { ["touched"] = "true" };
            _lease["metadata"]!["resourceVersion"] = $"{++_version}";
        }
    }

    public void Take(string holder)
    {
        lock (_lock)
        {
            _lease!["spec"]!["holderIdentity"] = holder;
            _lease["metadata"]!["resourceVersion"] = $"{++_version}";
        }
    }

    private HttpResponseMessage Answer(RecordedRequest request)
    {
        lock (_lock)
        {
            switch (request.Method)
            {
                case "GET":
                    return _lease is null ? ScriptedHandler.Failure(404, "NotFound", "no such lease") : ScriptedHandler.Json(_lease.ToJsonString());
                case "POST" when _lease is not null:
                    return ScriptedHandler.Failure(409, "AlreadyExists", "there is one");
                case "POST" or "PUT":
                    var sent = JsonNode.Parse(request.Body!)!.AsObject();
                    if (request.Method == "PUT" && sent["metadata"]!["resourceVersion"]!.GetValue<string>() != _version.ToString(System.Globalization.CultureInfo.InvariantCulture))
                        return ScriptedHandler.Failure(409, "Conflict", "the object has been modified");
                    sent["metadata"]!["resourceVersion"] = $"{++_version}";
                    _lease = sent;
                    return ScriptedHandler.Json(sent.ToJsonString());
                default:
                    return ScriptedHandler.Failure(405, "MethodNotAllowed", request.Method);
            }
        }
    }
}
