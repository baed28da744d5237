namespace Zalando.Postgres.Sdk.Sandbox.Spilo;

/// <summary>Everything the configuration of a Patroni member is made of.</summary>
public sealed record PatroniConfigurationInput
{
    /// <summary>The environment of the container <c>postgres</c>, resolved.</summary>
    public required IReadOnlyDictionary<string, string> Environment { get; init; }

    /// <summary>Name of the pod, which is the name of the member.</summary>
    public required string PodName { get; init; }

    /// <summary>Namespace of the pod.</summary>
    public required string Namespace { get; init; }

    /// <summary>Address of the pod.</summary>
    public required string PodAddress { get; init; }

    /// <summary>PostgreSQL's programs.</summary>
    public required string BinDirectory { get; init; }

    /// <summary>Where <c>PGROOT</c> of the pod is on this machine; the data directory is <c>data</c> below it.</summary>
    public required string PostgresRoot { get; init; }

    /// <summary>Directory of the pod for sockets and generated files.</summary>
    public required string RunDirectory { get; init; }

    /// <summary>Server certificate, unless the pod brings its own.</summary>
    public required string CertificateFile { get; init; }

    /// <summary>Key of <see cref="CertificateFile"/>.</summary>
    public required string PrivateKeyFile { get; init; }

    /// <summary>Context of the kubeconfig that the environment variable <c>KUBECONFIG</c> names.</summary>
    public required string KubeconfigContext { get; init; }

    /// <summary>Command that Patroni runs after <c>initdb</c>.</summary>
    public required string PostInitCommand { get; init; }

    /// <summary>Command that makes the data directory of a clone, called with <c>--datadir</c>.</summary>
    public required string CloneCommand { get; init; }

    /// <summary>Where a path of the container is on this machine.</summary>
    public Func<string, string> MapPath { get; init; } = path => path;

    /// <summary>The address of a service of the sandbox; other names come back as they are.</summary>
    public Func<string, string> ResolveHost { get; init; } = host => host;

    /// <summary>Whether PostgreSQL can load a library.</summary>
    public Func<string, bool> HasLibrary { get; init; } = _ => true;

    /// <summary>Memory limit of the container in bytes; null for none. A fifth of it becomes <c>shared_buffers</c>, at most 128 MB.</summary>
    public long? MemoryLimit { get; init; }

    /// <summary>Settings of Patroni where the manifest says nothing.</summary>
    public PatroniTiming Timing { get; init; } = new();

    /// <summary>Whether PostgreSQL waits for its disk.</summary>
    /// <value>Default true. Without it a crash of the machine (not of a process) loses data; good for tests.</value>
    public bool SynchronousDisk { get; init; } = true;
}
