namespace Zalando.Postgres.Sdk.Sandbox.Pods;

/// <summary>A container cannot be configured now (a missing secret, an unknown field): it waits, and is tried again.</summary>
internal sealed class PodConfigurationException(string message) : Exception(message);
