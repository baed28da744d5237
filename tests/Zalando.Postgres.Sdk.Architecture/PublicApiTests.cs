using System.Reflection;
using System.Text;

namespace Zalando.Postgres.Sdk.Architecture;

public sealed class PublicApiTests
{
    public static TheoryData<string> Packages =>
        [.. DependencyTable.Rules.Keys.Where(p => p.StartsWith("Zalando.Postgres.Sdk.", StringComparison.Ordinal))];

    [Theory]
    [MemberData(nameof(Packages))]
    public void The_public_api_is_the_approved_one(string package)
    {
        var actual = Describe(package);
        var approved = Path.Combine(RepositoryRoot.Path, "tests", "Zalando.Postgres.Sdk.Architecture", "PublicApi", package + ".txt");
        if (Environment.GetEnvironmentVariable("UPDATE_APPROVED") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(approved)!);
            File.WriteAllText(approved, actual);
        }

        Assert.True(File.Exists(approved), $"There is no approved API of {package}: run this program with UPDATE_APPROVED=1 and review the new file.");
        var expected = File.ReadAllLines(approved);
        var lines = actual.TrimEnd('\n').Split('\n');
        var removed = expected.Except(lines, StringComparer.Ordinal).Select(l => "- " + l);
        var added = lines.Except(expected, StringComparer.Ordinal).Select(l => "+ " + l);
        Assert.True(
            expected.SequenceEqual(lines, StringComparer.Ordinal),
            $"The public API of {package} changed. If that is meant, run this program with UPDATE_APPROVED=1 and note it in CHANGELOG.md.\n{string.Join('\n', removed.Concat(added).Take(40))}");
    }

    private static string Describe(string package)
    {
        var assembly = Assembly.Load(package);
        var text = new StringBuilder();
        // The generated Kubernetes kinds follow the API server's documents; one line a type says enough of them.
        foreach (var type in assembly.GetExportedTypes().OrderBy(t => t.FullName, StringComparer.Ordinal))
        {
            text.Append(Kind(type)).Append(' ').Append(Name(type)).Append('\n');
            if (type.Namespace == "Zalando.Postgres.Sdk.Resources.Kubernetes" && type.GetProperty("UnknownFields") is not null) continue;
            if (type.Name.EndsWith("JsonContext", StringComparison.Ordinal)) continue;
            var members = type.GetMembers(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly)
                .Where(m => m is not MethodInfo { IsSpecialName: true } and not TypeInfo && !Synthesised(m))
                .Select(m => "    " + Describe(m)).Order(StringComparer.Ordinal);
            foreach (var member in members) text.Append(member).Append('\n');
        }

        return text.ToString();
    }

    // Members that every record has say nothing about the API.
    private static bool Synthesised(MemberInfo member) =>
        member.Name is "<Clone>$" or "PrintMembers" or "EqualityContract" or "Deconstruct" or "Equals" or "GetHashCode" or "ToString";

    private static string Kind(Type type) => type switch
    {
        { IsEnum: true } => "enum",
        { IsInterface: true } => "interface",
        { IsValueType: true } => "struct",
        { IsAbstract: true, IsSealed: true } => "static class",
        { IsAbstract: true } => "abstract class",
        _ => "class",
    };

    private static string Describe(MemberInfo member) => member switch
    {
        FieldInfo field => $"{Name(field.FieldType)} {field.Name}",
        PropertyInfo property => $"{Name(property.PropertyType)} {property.Name} {{{(property.CanRead ? " get;" : "")}{(property.SetMethod is { IsPublic: true } ? " set;" : "")} }}",
        ConstructorInfo constructor => $"new({Parameters(constructor)})",
        MethodInfo method => $"{(method.IsStatic ? "static " : "")}{Name(method.ReturnType)} {method.Name}{Arguments(method)}({Parameters(method)})",
        EventInfo @event => $"event {Name(@event.EventHandlerType!)} {@event.Name}",
        _ => member.ToString()!,
    };

    private static string Arguments(MethodInfo method) => method.IsGenericMethod ? $"<{string.Join(", ", method.GetGenericArguments().Select(a => a.Name))}>" : "";

    private static string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select(p => $"{Name(p.ParameterType)} {p.Name}"));

    private static string Name(Type type)
    {
        if (type.IsGenericParameter) return type.Name;
        if (type.IsArray) return Name(type.GetElementType()!) + "[]";
        if (type.IsByRef) return "ref " + Name(type.GetElementType()!);
        var name = type.Namespace?.StartsWith("System", StringComparison.Ordinal) == true ? type.Name : type.FullName ?? type.Name;
        if (!type.IsGenericType) return name;
        var tick = name.IndexOf('`', StringComparison.Ordinal);
        return $"{(tick < 0 ? name : name[..tick])}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>";
    }
}
