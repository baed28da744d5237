namespace Zalando.Postgres.Sdk.Kubernetes.Tests.Fakes;

internal sealed record RecordedRequest(string Method, string Path, string Query, string? Body, string? ContentType, string? Authorization);
