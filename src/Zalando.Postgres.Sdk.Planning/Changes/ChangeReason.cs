namespace Zalando.Postgres.Sdk.Planning;

/// <summary>Why something is changed: one field, its old and its new value, and what the difference leads to.</summary>
public sealed record ChangeReason
{
    /// <summary>Path of the field in the object or the configuration, for example <c>spec.template.spec.containers[postgres].image</c>;
    /// empty when the whole object is meant.</summary>
    public string FieldPath { get; init; } = "";

    /// <summary>The value that is there; null when there is none. Secret values are shown as <c>***</c>.</summary>
    public string? Old { get; init; }

    /// <summary>The value that should be there; null when there should be none. Secret values are shown as <c>***</c>.</summary>
    public string? New { get; init; }

    /// <summary>What it takes to bring the value into effect.</summary>
    public Consequence Consequence { get; init; }

    /// <summary>Who asked for it.</summary>
    public Requester RequestedBy { get; init; }

    /// <summary>A sentence for reasons that are no plain difference of a field; null otherwise.</summary>
    public string? Explanation { get; init; }

    /// <summary>One line for people, without colour.</summary>
    public override string ToString()
    {
        if (FieldPath.Length == 0) return Explanation ?? "";
        var change = (Old, New) switch
        {
            (null, null) => FieldPath,
            (null, _) => $"{FieldPath}: {New} added",
            (_, null) => $"{FieldPath}: {Old} removed",
            _ => $"{FieldPath}: {Old} -> {New}",
        };
        return Explanation is null ? change : $"{change} ({Explanation})";
    }
}
