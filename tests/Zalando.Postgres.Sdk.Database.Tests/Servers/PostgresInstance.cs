using System.Diagnostics;
using Npgsql;

namespace Zalando.Postgres.Sdk.Database.Tests.Servers;

/// <summary>A running server on loopback that ends with this process, also when this process is killed.</summary>
public sealed class PostgresInstance : IAsyncDisposable
{
    private readonly Process _process;
    private readonly string _folder;
    private readonly bool _deleteData;
    private readonly string _log;
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<string> _lines = [];

    private PostgresInstance(Process process, string folder, int port, bool deleteData)
    {
        (_process, _folder, Port, _deleteData) = (process, folder, port, deleteData);
        _log = folder;
    }

    public int Port { get; }

    public PostgresServerSettings Settings => new()
    {
        Host = "127.0.0.1",
        Port = Port,
        Tls = PostgresTls.Disable,
        Password = _ => ValueTask.FromResult(PostgresTemplate.Password),
        StatementTimeout = TimeSpan.FromSeconds(20),
    };

    /// <summary>Settings for sessions that a test opens, where databases have hostile ones.</summary>
    public string? SessionOptions { get; set; }

    /// <summary>Everything the server wrote to its log.</summary>
    public string Log
    {
        get
        {
            lock (_lines) return string.Join('\n', _lines);
        }
    }

    public static async Task<PostgresInstance> StartAsync(string folder, int port, bool deleteData)
    {
        // The shell ends the server when its own input ends, which happens when this process does, however it ends.
        var start = PostgresPrograms.StartInfo(
            "/bin/sh", PostgresPrograms.IsRoot, "-c", "\"$@\" 2>&1 & server=$!; read -r _; kill -" + (deleteData ? "QUIT" : "INT") + " $server; wait $server", "sh",
            Path.Combine(PostgresPrograms.Folder!, "postgres"), "-D", folder, "-p", port.ToString());
        var instance = new PostgresInstance(Process.Start(start)!, folder, port, deleteData);
        instance._process.OutputDataReceived += (_, line) => instance.Take(line.Data);
        instance._process.ErrorDataReceived += (_, line) => instance.Take(line.Data);
        instance._process.BeginOutputReadLine();
        instance._process.BeginErrorReadLine();
        await instance._ready.Task.WaitAsync(TimeSpan.FromSeconds(30));
        return instance;
    }

    public async Task<NpgsqlConnection> ConnectAsync(string database, string user = "postgres", string password = PostgresTemplate.Password)
    {
        var options = SessionOptions is not null ? $";Options={SessionOptions}" : "";
        var connection = new NpgsqlConnection($"Host=127.0.0.1;Port={Port};Username={user};Password={password};Database={database};SSL Mode=Disable;GSS Encryption Mode=Disable;Pooling=false;Command Timeout=20{options}");
        try
        {
            await connection.OpenAsync();
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    public async Task ExecuteAsync(string database, string sql)
    {
        await using var connection = await ConnectAsync(database);
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    public async Task<List<string>> RowsAsync(string database, string sql)
    {
        await using var connection = await ConnectAsync(database);
        await using var command = new NpgsqlCommand(sql, connection);
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<string>();
        while (await reader.ReadAsync())
        {
            rows.Add(string.Join(" | ", Enumerable.Range(0, reader.FieldCount).Select(i => reader.IsDBNull(i) ? "" : reader.GetValue(i).ToString())));
        }

        return rows;
    }

    public async Task<string> ScalarAsync(string database, string sql) => (await RowsAsync(database, sql)).Single();

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
        if (_deleteData) Directory.Delete(_folder, recursive: true);
    }

    private void Take(string? line)
    {
        if (line is null)
        {
            _ready.TrySetException(new InvalidOperationException($"The server of {_log} ended: {Log}"));
            return;
        }

        lock (_lines) _lines.Add(line);
        if (line.Contains("ready to accept connections", StringComparison.Ordinal)) _ready.TrySetResult();
    }
}
