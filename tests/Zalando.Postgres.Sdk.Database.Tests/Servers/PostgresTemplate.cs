using System.Net;
using System.Net.Sockets;

[assembly: AssemblyFixture(typeof(Zalando.Postgres.Sdk.Database.Tests.Servers.PostgresTemplate))]

namespace Zalando.Postgres.Sdk.Database.Tests.Servers;

/// <summary>A data directory made once, with the roles that the database image makes; every server starts from a copy of it.</summary>
public sealed class PostgresTemplate : IAsyncDisposable
{
    public const string Password = "super-secret-of-the-fixture";

    private readonly string _folder = Path.Combine(Path.GetTempPath(), "postgres-tests-" + Environment.ProcessId);
    private readonly Lock _gate = new();
    private Task? _made;

    public async Task<PostgresInstance> StartAsync(string settings = "")
    {
        if (PostgresPrograms.Folder is null) Assert.Skip("PostgreSQL is not installed (no /usr/lib/postgresql/*/bin/initdb).");
        Task made;
        lock (_gate) made = _made ??= MakeAsync();
        await made;
        return await StartCopyAsync(settings);
    }

    public ValueTask DisposeAsync()
    {
        if (Directory.Exists(_folder)) Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    private async Task MakeAsync()
    {
        Directory.CreateDirectory(_folder);
        var passwords = Path.Combine(_folder, "password");
        await File.WriteAllTextAsync(passwords, Password);
        if (PostgresPrograms.IsRoot) await PostgresPrograms.RunAsync("chown", false, "-R", "postgres", _folder);
        await PostgresPrograms.RunAsync("initdb", "--no-sync", "--auth=scram-sha-256", "--username=postgres", "--encoding=UTF8", "--locale=C", "--pwfile=" + passwords, "-D", Path.Combine(_folder, "template"));
        // This method lets both forms of stored passwords in.
        var access = Path.Combine(_folder, "template", "pg_hba.conf");
        await File.WriteAllTextAsync(access, (await File.ReadAllTextAsync(access)).Replace("scram-sha-256", "md5", StringComparison.Ordinal));
        await File.AppendAllTextAsync(Path.Combine(_folder, "template", "postgresql.conf"), """

            listen_addresses = '127.0.0.1'
            unix_socket_directories = ''
            fsync = off
            synchronous_commit = off
            full_page_writes = off
            shared_buffers = 16MB
            max_connections = 30
            max_worker_processes = 2
            autovacuum = off
            wal_level = minimal
            max_wal_senders = 0
            shared_preload_libraries = 'pg_stat_statements'
            pg_stat_statements.track = 'all'
            log_statement = 'all'
            log_min_duration_statement = 0
            log_parameter_max_length = -1
            log_parameter_max_length_on_error = -1
            log_error_verbosity = verbose
            """);
        await using var server = await PostgresInstance.StartAsync(Path.Combine(_folder, "template"), FreePort(), deleteData: false);
        await server.ExecuteAsync("postgres", "CREATE EXTENSION pg_stat_statements; CREATE ROLE standby REPLICATION LOGIN PASSWORD 'initial'; CREATE ROLE admin CREATEDB; CREATE ROLE zalandos; CREATE ROLE robot_zmon; CREATE ROLE cron_admin; CREATE ROLE humans");
    }

    private async Task<PostgresInstance> StartCopyAsync(string settings)
    {
        var port = FreePort();
        var folder = Path.Combine(_folder, "server-" + port);
        await PostgresPrograms.RunAsync("cp", PostgresPrograms.IsRoot, "-a", "--reflink=auto", Path.Combine(_folder, "template"), folder);
        if (settings.Length > 0) await File.AppendAllTextAsync(Path.Combine(folder, "postgresql.conf"), "\n" + settings);
        return await PostgresInstance.StartAsync(folder, port, deleteData: true);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
