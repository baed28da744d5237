namespace Zalando.Postgres.Sdk.Planning;

/// <summary>Whether a change can be taken back by another change.</summary>
public enum Reversibility
{
    /// <summary>Yes: going back to the former manifest undoes it.</summary>
    Reversible,

    /// <summary>No: something is lost or cannot shrink again (a claim, a password, the size of a volume).</summary>
    Irreversible,
}
