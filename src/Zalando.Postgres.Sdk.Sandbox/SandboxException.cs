namespace Zalando.Postgres.Sdk.Sandbox;

/// <summary>The sandbox cannot do what it was asked; the message says why and what to do.</summary>
public sealed class SandboxException : Exception
{
    /// <summary>A failure.</summary>
    /// <param name="message">What failed, why, and what to do.</param>
    /// <param name="innerException">The cause; null for none.</param>
    public SandboxException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
