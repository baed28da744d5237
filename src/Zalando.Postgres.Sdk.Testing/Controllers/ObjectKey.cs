using System.Text.Json.Nodes;

namespace Zalando.Postgres.Sdk.Testing.Controllers;

/// <summary>Namespace and name of an object; the namespace is empty for kinds without one.</summary>
/// <param name="Namespace">Namespace or empty.</param>
/// <param name="Name">Name.</param>
internal readonly record struct ObjectKey(string Namespace, string Name)
{
    public static ObjectKey Of(JsonObject value) => new(value.NamespaceOf(), value.NameOf());

    public override string ToString() => Namespace.Length == 0 ? Name : Namespace + "/" + Name;
}
