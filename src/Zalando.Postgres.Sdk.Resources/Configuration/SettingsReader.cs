using Zalando.Postgres.Sdk.Resources.Validation;

namespace Zalando.Postgres.Sdk.Resources.Configuration;

/// <summary>The order in which a parameter gets its value: as written, else the schema's default (when its group is there), else the fallback, else empty.
/// An empty value counts as not written, except in a ConfigMap.</summary>
internal sealed class SettingsReader(ConfigurationForm form, List<Finding> findings, bool groupPresent = true)
{
    internal SettingsReader Group(bool present) => present == groupPresent ? this : new SettingsReader(form, findings, present);

    internal bool Flag(string key, bool? value) => value ?? Default(key) is "true";

    internal int Integer(string key, int? value)
    {
        var definition = ParameterDefinitions.ByKey[key];
        var number = value ?? (Default(key) is { } text ? int.Parse(text) : 0);
        if (form == ConfigurationForm.ConfigMap || definition.Fallback is null) return number;
        var fallback = int.Parse(definition.Fallback);
        // The reference raises the pooler's pods to two; for every other number 0 means not written.
        return number == 0 || (key == "connection_pooler_number_of_instances" && number < fallback) ? fallback : number;
    }

    internal long? LongInteger(string key, long? value) => value ?? (Default(key) is { } text ? long.Parse(text) : null);

    internal string Text(string key, string? value)
    {
        var text = value ?? Default(key) ?? "";
        return text.Length == 0 && form == ConfigurationForm.CustomResource ? ParameterDefinitions.ByKey[key].Fallback ?? "" : text;
    }

    internal SensitiveText Secret(string key, SensitiveText? value) => value ?? new SensitiveText(Default(key) ?? "");

    internal TimeSpan Duration(string key, string? value)
    {
        var definition = ParameterDefinitions.ByKey[key];
        var text = value ?? Default(key);
        if (!DurationText.TryParse(text, out var duration))
        {
            findings.Add(new Finding
            {
                Severity = FindingSeverity.Error,
                FieldPath = Path(definition),
                Value = text,
                Code = "Duration",
                Rule = "must be a duration: numbers with the units ns, us, ms, s, m, h, for example 1h30m",
                Advice = $"Write a duration or leave the parameter out ({definition.ConfigMapDefault})",
            });
            return DurationText.TryParse(definition.ConfigMapDefault, out var usual) ? usual : default;
        }
        if (duration == TimeSpan.Zero && form == ConfigurationForm.CustomResource) return DurationText.TryParse(definition.Fallback, out var fallback) ? fallback : duration;
        return duration;
    }

    internal NamespacedName? Name(string key, string? value)
    {
        var text = value ?? Default(key);
        if (text is null || (text.Length == 0 && form == ConfigurationForm.ConfigMap)) return null;
        if (NamespacedName.TryParse(text, out var name)) return name;
        findings.Add(new Finding
        {
            Severity = FindingSeverity.Error,
            FieldPath = Path(ParameterDefinitions.ByKey[key]),
            Value = text,
            Code = "NamespacedName",
            Rule = "must be a name, or namespace/name",
            Advice = "Leave the parameter out when there is no such object",
        });
        return null;
    }

    internal IReadOnlyList<string> Texts(string key, IReadOnlyList<string>? value)
    {
        var list = value ?? ListDefault(Default(key));
        return list.Count == 0 && form == ConfigurationForm.CustomResource ? ListDefault(ParameterDefinitions.ByKey[key].Fallback) : list;
    }

    internal IReadOnlyDictionary<string, string> Map(string key, IReadOnlyDictionary<string, string>? value)
    {
        var map = value ?? MapDefault(Default(key));
        return map.Count == 0 && form == ConfigurationForm.CustomResource ? MapDefault(ParameterDefinitions.ByKey[key].Fallback) : map;
    }

    internal string Path(ParameterDefinition definition) => form == ConfigurationForm.ConfigMap ? $"data.{definition.Key}" : definition.Path;

    private static IReadOnlyList<string> ListDefault(string? text) => text is null ? [] : text.Split(',');

    private static IReadOnlyDictionary<string, string> MapDefault(string? text) => text is null
        ? new Dictionary<string, string>()
        : text.Split(',').Select(static p => p.Split(':')).ToDictionary(static p => p[0], static p => p[1], StringComparer.Ordinal);

    private string? Default(string key)
    {
        var definition = ParameterDefinitions.ByKey[key];
        return form == ConfigurationForm.ConfigMap ? definition.ConfigMapDefault : (groupPresent ? definition.SchemaDefault : null) ?? definition.Fallback;
    }
}
