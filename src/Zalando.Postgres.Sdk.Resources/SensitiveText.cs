using System.Text.Json.Serialization;
using Zalando.Postgres.Sdk.Resources.Json;

namespace Zalando.Postgres.Sdk.Resources;

/// <summary>A secret that stands in clear text in a manifest or a configuration. It prints as <c>***</c>, so that it cannot slip into a log.</summary>
[JsonConverter(typeof(SensitiveTextJsonConverter))]
public readonly struct SensitiveText : IEquatable<SensitiveText>
{
    private readonly string? _text;

    /// <summary>Wraps a secret.</summary>
    /// <param name="text">The secret.</param>
    public SensitiveText(string text) => _text = text;

    /// <summary>Whether there is no secret.</summary>
    public bool IsEmpty => string.IsNullOrEmpty(_text);

    /// <summary>Whether two secrets are the same.</summary>
    public static bool operator ==(SensitiveText left, SensitiveText right) => left.Equals(right);

    /// <summary>Whether two secrets differ.</summary>
    public static bool operator !=(SensitiveText left, SensitiveText right) => !left.Equals(right);

    /// <summary>The secret itself. Only where it must leave the process.</summary>
    public string Reveal() => _text ?? "";

    /// <summary><c>***</c>.</summary>
    public override string ToString() => "***";

    /// <inheritdoc />
    public bool Equals(SensitiveText other) => string.Equals(Reveal(), other.Reveal(), StringComparison.Ordinal);

    /// <inheritdoc />
    public override bool Equals(object? obj) => obj is SensitiveText other && Equals(other);

    /// <inheritdoc />
    public override int GetHashCode() => Reveal().GetHashCode(StringComparison.Ordinal);
}
