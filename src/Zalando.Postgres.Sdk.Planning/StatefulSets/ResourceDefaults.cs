namespace Zalando.Postgres.Sdk.Planning.StatefulSets;

/// <summary>Amounts for what a manifest leaves out; an empty text means none.</summary>
internal readonly record struct ResourceDefaults(string CpuRequest, string MemoryRequest, string CpuLimit, string MemoryLimit);
