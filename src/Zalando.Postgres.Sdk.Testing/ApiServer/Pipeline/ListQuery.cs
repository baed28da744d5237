using Zalando.Postgres.Sdk.Testing.ApiServer.Selectors;

namespace Zalando.Postgres.Sdk.Testing.ApiServer.Pipeline;

/// <summary>Which objects of a collection, as of when, and how many.</summary>
internal sealed record ListQuery
{
    public LabelSelector Labels { get; init; } = LabelSelector.Everything;

    public FieldSelector Fields { get; init; } = FieldSelector.Everything;

    public long Limit { get; init; }

    public string? Continue { get; init; }

    public string? ResourceVersion { get; init; }

    public string? Match { get; init; }
}
