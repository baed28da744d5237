using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Testing.ApiServer;
using Zalando.Postgres.Sdk.Testing.ApiServer.Storage;

namespace Zalando.Postgres.Sdk.Testing.Validation;

/// <summary>Collects the faults of an object in the words of the server.</summary>
internal sealed class FaultList
{
    private readonly List<StatusCause> _faults = [];

    public IReadOnlyList<StatusCause> Faults => _faults;

    public void Required(string field, string? why = null) => _faults.Add(new("FieldValueRequired", field, why is null ? "Required value" : "Required value: " + why));

    public void Invalid(string field, JsonNode? value, string why) => _faults.Add(new("FieldValueInvalid", field, $"Invalid value: {Text(value)}: {why}"));

    public void Forbidden(string field, string why) => _faults.Add(new("FieldValueForbidden", field, "Forbidden: " + why));

    public void NotSupported(string field, JsonNode? value, params ReadOnlySpan<string> supported)
    {
        var quoted = new List<string>();
        foreach (var s in supported) quoted.Add($"\"{s}\"");
        _faults.Add(new("FieldValueNotSupported", field, $"Unsupported value: {Text(value)}: supported values: {string.Join(", ", quoted)}"));
    }

    public void Duplicate(string field, JsonNode? value) => _faults.Add(new("FieldValueDuplicate", field, "Duplicate value: " + Text(value)));

    public void NotFound(string field, JsonNode? value) => _faults.Add(new("FieldValueNotFound", field, "Not found: " + Text(value)));

    public void TooLong(string field, int limit) => _faults.Add(new("FieldValueTooLong", field, $"Too long: may not be more than {limit} bytes"));

    /// <summary>A fault without a sentence of its own.</summary>
    public void InvalidBare(string field, JsonNode? value) => _faults.Add(new("FieldValueInvalid", field, $"Invalid value: {Text(value)}"));

    private static string Text(JsonNode? value) => value is null ? "null" : JsonText.WriteText(value);
}
