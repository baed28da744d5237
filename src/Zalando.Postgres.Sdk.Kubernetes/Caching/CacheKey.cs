using System.Runtime.InteropServices;

namespace Zalando.Postgres.Sdk.Kubernetes.Caching;

/// <summary>Where an object is in a cache; the namespace is empty for kinds without one.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct CacheKey(string Namespace, string Name);
