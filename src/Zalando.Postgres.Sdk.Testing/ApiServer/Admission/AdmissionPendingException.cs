namespace Zalando.Postgres.Sdk.Testing.ApiServer.Admission;

/// <summary>Breaks off a write until webhooks have been asked.</summary>
internal sealed class AdmissionPendingException(AdmissionRequest request, IReadOnlyList<WebhookCall> calls, bool mutating, long version) : Exception
{
    public AdmissionRequest Request => request;

    public IReadOnlyList<WebhookCall> Calls => calls;

    public bool Mutating => mutating;

    /// <summary>Version of the stored object; 0 for a new one.</summary>
    public long Version => version;
}
