using Zalando.Postgres.Sdk.Testing.ApiServer.Admission;

namespace Zalando.Postgres.Sdk.Testing.ApiServer.Pipeline;

/// <summary>Who writes, and how.</summary>
internal sealed class WriteContext
{
    public RequestUser User { get; init; } = RequestUser.Master;

    public bool DryRun { get; init; }

    public string FieldManager { get; init; } = "";

    /// <summary><c>Ignore</c>, <c>Warn</c> or <c>Strict</c>.</summary>
    public string FieldValidation { get; init; } = "Warn";

    /// <summary>Whether server-side apply takes over fields of others.</summary>
    public bool Force { get; init; }

    /// <summary>Whether a part of the server itself writes.</summary>
    public bool IsInternal { get; init; }

    /// <summary>What webhooks say of the write; null for a write that no hook and no webhook sees.</summary>
    public AdmissionSession? Admission { get; init; }

    /// <summary>Warnings for the client, in order.</summary>
    public List<string> Warnings { get; } = [];

    /// <summary>The write of a controller inside the server.</summary>
    public static WriteContext Internal { get; } = new() { FieldManager = "kube-controller-manager", FieldValidation = "Ignore", IsInternal = true };
}
