namespace Zalando.Postgres.Sdk.Testing.ApiServer.Admission;

/// <summary>The service that a webhook configuration names instead of a URL.</summary>
/// <param name="Namespace">Namespace of the service.</param>
/// <param name="Name">Name of the service.</param>
/// <param name="Port">Port of the service; 443 unless given.</param>
/// <param name="Path">Path of the webhook; empty when none is given.</param>
public sealed record WebhookService(string Namespace, string Name, int Port, string Path);
