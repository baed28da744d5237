namespace Zalando.Postgres.Sdk.Planning;

/// <summary>How a plan is written for people.</summary>
public enum PlanTextStyle
{
    /// <summary>Text without colour.</summary>
    Plain,

    /// <summary>Text with ANSI colours, for terminals.</summary>
    Colour,

    /// <summary>Markdown, for comments on pull requests.</summary>
    Markdown,
}
