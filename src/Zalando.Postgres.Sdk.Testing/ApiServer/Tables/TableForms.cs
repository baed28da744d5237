using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Testing.ApiServer.Kinds;
using Zalando.Postgres.Sdk.Testing.ApiServer.Pipeline;
using Zalando.Postgres.Sdk.Testing.ApiServer.Storage;

namespace Zalando.Postgres.Sdk.Testing.ApiServer.Tables;

/// <summary>Objects as tables (what kubectl prints) and as bare metadata.</summary>
internal sealed class TableForms(TimeProvider time)
{
    private static readonly Lazy<JsonObject> Columns = new(static () =>
    {
        using var stream = typeof(TableForms).Assembly.GetManifestResourceStream("table-columns.json")!;
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        return JsonText.ParseObject(copy.ToArray());
    });

    public JsonObject Table(ServedKind kind, IEnumerable<StoredObject> objects, JsonObject metadata, string includeObject, bool withColumns = true)
    {
        var cells = new TableCells(time.GetUtcNow());
        var rows = new JsonArray();
        foreach (var stored in objects)
        {
            var value = ObjectPipeline.InVersion(kind, stored.Value);
            rows.AddNode(new JsonObject
            {
                ["cells"] = kind.Custom is null ? cells.Of(kind.Kind.QualifiedName, value) : cells.Custom(kind.Custom, value),
                ["object"] = includeObject switch { "None" => null, "Object" => value.DeepClone(), _ => PartialMetadata(value) },
            });
        }

        return new JsonObject
        {
            ["kind"] = "Table", ["apiVersion"] = "meta.k8s.io/v1", ["metadata"] = metadata,
            ["columnDefinitions"] = withColumns ? ColumnsOf(kind) : null, ["rows"] = rows,
        };
    }

    public static string IncludeObject(string value)
    {
        if (value is "" or "Metadata" or "Object" or "None") return value;
        throw StatusErrors.BadRequest($"Unable to convert to Table as requested: includeObject: Invalid value: {StatusErrors.Quote(value)}: must be 'Metadata', 'Object', 'None', or empty");
    }

    public static JsonObject PartialMetadata(JsonObject value) => new()
    {
        ["kind"] = "PartialObjectMetadata", ["apiVersion"] = "meta.k8s.io/v1", ["metadata"] = value["metadata"]?.DeepClone(),
    };

    private static JsonArray ColumnsOf(ServedKind kind)
    {
        var name = (JsonObject)Columns.Value["pods"]![0]!;
        var age = Columns.Value.Array("pods")!.OfType<JsonObject>().First(static c => c.Text("name") == "Age");
        if (kind.Custom is { } custom)
        {
            var columns = new JsonArray(name.DeepClone());
            if (custom.PrinterColumns.Count == 0)
            {
                columns.AddNode(Definition("Age", "date", "", age.Text("description")!, 0));
                return columns;
            }

            foreach (var column in custom.PrinterColumns)
            {
                var path = column.Text("jsonPath") ?? "";
                columns.AddNode(Definition(column.Text("name") ?? "", column.Text("type") ?? "string", column.Text("format") ?? "",
                    column.Text("description") ?? $"Custom resource definition column (in JSONPath format): {path}", column.Whole("priority") ?? 0));
            }

            return columns;
        }

        if (Columns.Value[kind.Kind.QualifiedName] is JsonArray known) return (JsonArray)known.DeepClone();
        if (TableCells.Alike.TryGetValue(kind.Kind.QualifiedName, out var like) && Columns.Value[like] is JsonArray same) return (JsonArray)same.DeepClone();
        return new JsonArray(name.DeepClone(), Definition("Created At", "date", "", age.Text("description")!, 0));
    }

    private static JsonObject Definition(string name, string type, string format, string description, long priority) => new()
    {
        ["name"] = name, ["type"] = type, ["format"] = format, ["description"] = description, ["priority"] = priority,
    };
}
