using System.Text.Json.Nodes;

namespace Zalando.Postgres.Sdk.Testing.ApiServer.Storage;

/// <summary>YAML in requests and answers. JSON is YAML too, and is read without a YAML parser.</summary>
internal static class YamlText
{
    public static JsonNode? Parse(ReadOnlySpan<byte> utf8, List<string>? duplicates = null) => JsonText.Parse(utf8, duplicates);

    public static byte[] Write(JsonNode body) => JsonText.Write(body);
}
