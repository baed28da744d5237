using System.Text.Json.Nodes;

namespace Zalando.Postgres.Sdk.Testing.ApiServer.Admission;

/// <summary>What the webhooks have said about one write so far. A write that needs them is broken off, they are asked without any lock, and the write
/// is begun again; their answers count as long as the stored object has not changed.</summary>
internal sealed class AdmissionSession
{
    private JsonObject? _mutated;
    private long _mutatedVersion;
    private long? _validatedVersion;

    /// <summary>The object that the mutating webhooks made of that stored version; null while they have not been asked.</summary>
    public JsonObject? Mutated(long version) => _mutated is not null && _mutatedVersion == version ? _mutated : null;

    public bool IsValidated(long version) => _validatedVersion == version;

    public void SetMutated(JsonObject value, long version)
    {
        _mutated = value;
        _mutatedVersion = version;
        _validatedVersion = null;
    }

    public void SetValidated(long version) => _validatedVersion = version;

    /// <summary>Forgets all: the next write with the same context is another one.</summary>
    public void Reset()
    {
        _mutated = null;
        _validatedVersion = null;
    }
}
