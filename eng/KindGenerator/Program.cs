using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Engineering.KindGenerator;

if (args is not [var openApiFolder, var kindsFile, var outputFolder])
{
    Console.Error.WriteLine("""
        Generates the Kubernetes kinds of Zalando.Postgres.Sdk.Resources.

        usage: KindGenerator OPENAPI-FOLDER KINDS-FILE OUTPUT-FOLDER

          OPENAPI-FOLDER  OpenAPI v3 documents of an API server, one GROUP.VERSION.json each
                          (kubectl get --raw /openapi/v3/apis/apps/v1 > apps.v1.json)
          KINDS-FILE      what discovery says of each kind (eng/KindGenerator/kinds.json)
          OUTPUT-FOLDER   src/Zalando.Postgres.Sdk.Resources/Kubernetes/Generated
        """);
    return 2;
}

var documents = Directory.GetFiles(openApiFolder, "*.json").Order(StringComparer.Ordinal)
    .Select(file => (JsonObject)JsonNode.Parse(File.ReadAllText(file))!).ToList();
var kinds = (JsonArray)JsonNode.Parse(File.ReadAllText(kindsFile))!;
var schemas = new SchemaSet(documents);
Directory.CreateDirectory(outputFolder);
foreach (var old in Directory.GetFiles(outputFolder)) File.Delete(old);
var writer = new KindWriter(schemas, kinds);
foreach (var (file, content) in writer.Write())
{
    File.WriteAllText(Path.Combine(outputFolder, file), content);
}

Console.WriteLine($"{writer.TypeCount} types, {kinds.Count} kinds.");
return 0;
