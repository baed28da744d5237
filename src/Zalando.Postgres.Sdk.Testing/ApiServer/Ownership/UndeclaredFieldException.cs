namespace Zalando.Postgres.Sdk.Testing.ApiServer.Ownership;

/// <summary>An applied object does not fit the schema of its kind.</summary>
internal sealed class UndeclaredFieldException(string message) : Exception(message);
