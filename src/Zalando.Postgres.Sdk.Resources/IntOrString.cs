using System.Globalization;
using System.Text.Json.Serialization;
using Zalando.Postgres.Sdk.Resources.Json;

namespace Zalando.Postgres.Sdk.Resources;

/// <summary>A number or a text, as in <c>targetPort: 5432</c> and <c>targetPort: postgresql</c>. Keeps which of the two it was: <c>"80"</c> stays a text.</summary>
[JsonConverter(typeof(IntOrStringJsonConverter))]
public readonly record struct IntOrString
{
    private readonly string? _text;
    private readonly int _number;

    private IntOrString(string? text, int number)
    {
        _text = text;
        _number = number;
    }

    /// <summary>Whether the value is a text.</summary>
    public bool IsString => _text is not null;

    /// <summary>The number; null when the value is a text.</summary>
    public int? Number => _text is null ? _number : null;

    /// <summary>The text; null when the value is a number.</summary>
    public string? Text => _text;

    /// <summary>A number.</summary>
    /// <param name="value">The number.</param>
    public static IntOrString From(int value) => new(null, value);

    /// <summary>A text.</summary>
    /// <param name="value">The text.</param>
    public static IntOrString From(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return new IntOrString(value, 0);
    }

    /// <summary>A number.</summary>
    public static implicit operator IntOrString(int value) => From(value);

    /// <summary>A text.</summary>
    public static implicit operator IntOrString(string value) => From(value);

    /// <inheritdoc />
    public override string ToString() => _text ?? _number.ToString(CultureInfo.InvariantCulture);
}
