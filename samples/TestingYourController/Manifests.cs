namespace TestingYourController;

internal static class Manifests
{
    public static string Website(string name, string page = "hello", int replicas = 2) => $$"""
        apiVersion: example.com/v1
        kind: Website
        metadata: { name: {{name}} }
        spec: { page: {{page}}, replicas: {{replicas}} }
        """;

    public static string File(string name) => System.IO.File.ReadAllText(Path.Combine(AppContext.BaseDirectory, name));
}
