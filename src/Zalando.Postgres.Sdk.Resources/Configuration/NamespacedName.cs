using System.Diagnostics.CodeAnalysis;

namespace Zalando.Postgres.Sdk.Resources.Configuration;

/// <summary>The name of an object in a namespace.</summary>
/// <param name="Namespace">Namespace; null for the operator's.</param>
/// <param name="Name">Name.</param>
public readonly record struct NamespacedName(string? Namespace, string Name)
{
    /// <summary>Reads <c>name</c> or <c>namespace/name</c>. Further leading slashes of the name are dropped, as the reference does.</summary>
    /// <param name="text">The text.</param>
    /// <param name="name">The name.</param>
    public static bool TryParse([NotNullWhen(true)] string? text, out NamespacedName name)
    {
        name = default;
        if (string.IsNullOrEmpty(text)) return false;
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        var space = slash < 0 ? "" : text[..slash];
        var rest = slash < 0 ? text : text[(slash + 1)..].TrimStart('/');
        if (rest.Length == 0) return false;
        name = new NamespacedName(space.Length == 0 ? null : space, rest);
        return true;
    }

    /// <inheritdoc />
    public override string ToString() => Namespace is null ? Name : $"{Namespace}/{Name}";
}
