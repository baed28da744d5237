namespace Zalando.Postgres.Sdk.Testing.Controllers;

/// <summary>A controller with something to do before any change.</summary>
internal interface IStartingController
{
    /// <summary>Keys to look at first.</summary>
    IEnumerable<ObjectKey> InitialKeys { get; }
}
