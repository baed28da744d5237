using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Zalando.Postgres.Sdk.Sandbox.Spilo;

/// <summary>The configuration file of a Patroni member, made from a database pod as its image does at start: defaults, then <c>SPILO_CONFIGURATION</c> over them.</summary>
public sealed class PatroniConfiguration
{
    private const long LargestSharedBuffers = 128;
    private const long SmallestSharedBuffers = 16;
    private const string LogDirectory = "pg_log";

    private PatroniConfiguration(JsonObject document, string dataDirectory, IReadOnlyList<string> notes)
    {
        Document = document;
        DataDirectory = dataDirectory;
        Notes = notes;
    }

    /// <summary>The configuration. Holds passwords: for the file only.</summary>
    public JsonObject Document { get; }

    /// <summary>The data directory of PostgreSQL.</summary>
    public string DataDirectory { get; }

    /// <summary>Where this machine differs from the pod's wishes, one sentence each.</summary>
    public IReadOnlyList<string> Notes { get; }

    /// <summary>Makes the configuration.</summary>
    /// <param name="input">The pod and the machine.</param>
    /// <exception cref="SandboxException">A variable is missing or holds no valid JSON; the message names it.</exception>
    public static PatroniConfiguration Build(PatroniConfigurationInput input)
    {
        ArgumentNullException.ThrowIfNull(input);
        var notes = new List<string>();
        var dataDirectory = Path.Combine(input.PostgresRoot, "data");
        var document = new JsonObject
        {
            ["scope"] = Required(input, "SCOPE"),
            ["name"] = input.PodName,
            ["restapi"] = new JsonObject
            {
                ["listen"] = input.PodAddress + ":8008",
                ["connect_address"] = input.PodAddress + ":8008",
            },
            ["kubernetes"] = Kubernetes(input),
            ["bootstrap"] = Bootstrap(input),
            ["postgresql"] = Postgresql(input, dataDirectory),
        };
        if (Value(input, "SPILO_CONFIGURATION") is { } text) Merge(document, ParseObject("SPILO_CONFIGURATION", text));
        FitToMachine(input, document, notes);
        AddClone(input, document, notes);
        return new PatroniConfiguration(document, dataDirectory, notes);
    }

    /// <summary>Lays <paramref name="over"/> on <paramref name="under"/>: objects are merged, the options of <c>initdb</c> by their names, everything else is replaced.</summary>
    internal static void Merge(JsonObject under, JsonObject over)
    {
        foreach (var (name, value) in over)
        {
            if (value is JsonObject inner && under[name] is JsonObject existing) Merge(existing, inner);
            else if (name == "initdb" && value is JsonArray options && under[name] is JsonArray present) MergeOptions(present, options);
            else under[name] = value?.DeepClone();
        }
    }

    private static void MergeOptions(JsonArray present, JsonArray options)
    {
        foreach (var option in options)
        {
            if (OptionName(option) is not { } name) continue;
            var at = -1;
            for (var i = 0; i < present.Count; i++)
            {
                if (OptionName(present[i]) == name) at = i;
            }

            if (at < 0) present.Add(option?.DeepClone());
            else present[at] = option?.DeepClone();
        }
    }

    private static string? OptionName(JsonNode? option) => option switch
    {
        JsonObject { Count: 1 } pair => pair.First().Key,
        JsonValue value when value.TryGetValue<string>(out var text) => text,
        _ => null,
    };

    private static JsonObject Kubernetes(PatroniConfigurationInput input)
    {
        var labels = Value(input, "KUBERNETES_LABELS") is { } text ? ParseObjectOrNull("KUBERNETES_LABELS", text) : null;
        return new JsonObject
        {
            ["context"] = input.KubeconfigContext,
            ["namespace"] = input.Namespace,
            ["labels"] = labels ?? [],
            ["scope_label"] = Value(input, "KUBERNETES_SCOPE_LABEL") ?? "version",
            ["role_label"] = Value(input, "KUBERNETES_ROLE_LABEL") ?? "spilo-role",
            ["pod_ip"] = input.PodAddress,
            ["use_endpoints"] = !IsTrue(Value(input, "KUBERNETES_USE_CONFIGMAPS")),
            ["ports"] = new JsonArray(new JsonObject { ["name"] = "postgresql", ["port"] = 5432 }),
        };
    }

    private static JsonObject Bootstrap(PatroniConfigurationInput input) => new()
    {
        ["post_init"] = input.PostInitCommand,
        ["initdb"] = new JsonArray(
            new JsonObject { ["encoding"] = "UTF8" },
            new JsonObject { ["locale"] = "C.UTF-8" },
            "data-checksums"),
        ["dcs"] = DynamicDefaults(input),
    };

    // What the image stores in the cluster configuration at bootstrap (patroni-api, "config" of a stored cluster).
    private static JsonObject DynamicDefaults(PatroniConfigurationInput input)
    {
        var dynamic = new JsonObject
        {
            ["ttl"] = input.Timing.TimeToLive,
            ["loop_wait"] = input.Timing.LoopWait,
            ["retry_timeout"] = input.Timing.RetryTimeout,
            ["maximum_lag_on_failover"] = 33554432,
            ["postgresql"] = new JsonObject
            {
                ["use_pg_rewind"] = true,
                ["use_slots"] = true,
                ["parameters"] = new JsonObject
                {
                    ["archive_mode"] = "on",
                    ["archive_timeout"] = "1800s",
                    ["autovacuum_analyze_scale_factor"] = 0.02,
                    ["autovacuum_max_workers"] = 5,
                    ["autovacuum_vacuum_scale_factor"] = 0.05,
                    ["checkpoint_completion_target"] = 0.9,
                    ["hot_standby"] = "on",
                    ["log_autovacuum_min_duration"] = 0,
                    ["log_checkpoints"] = "on",
                    ["log_connections"] = "on",
                    ["log_disconnections"] = "on",
                    ["log_line_prefix"] = "%t [%p]: [%l-1] %c %x %d %u %a %h ",
                    ["log_lock_waits"] = "on",
                    ["log_min_duration_statement"] = 500,
                    ["log_statement"] = "ddl",
                    ["log_temp_files"] = 0,
                    ["max_connections"] = 100,
                    ["max_replication_slots"] = 10,
                    ["max_wal_senders"] = 10,
                    ["tcp_keepalives_idle"] = 900,
                    ["tcp_keepalives_interval"] = 100,
                    ["track_functions"] = "all",
                    ["wal_compression"] = "on",
                    ["wal_level"] = "hot_standby",
                    ["wal_log_hints"] = "on",
                },
            },
        };
        if (Value(input, "STANDBY_HOST") is { } host)
        {
            var standby = new JsonObject { ["host"] = input.ResolveHost(host), ["create_replica_methods"] = new JsonArray("basebackup") };
            if (Value(input, "STANDBY_PORT") is { } port) standby["port"] = port;
            if (Value(input, "STANDBY_PRIMARY_SLOT_NAME") is { } slot) standby["primary_slot_name"] = slot;
            dynamic["standby_cluster"] = standby;
        }

        return dynamic;
    }

    private static JsonObject Postgresql(PatroniConfigurationInput input, string dataDirectory)
    {
        var certificate = Value(input, "SSL_CERTIFICATE_FILE") is { } own ? input.MapPath(own) : input.CertificateFile;
        var key = Value(input, "SSL_PRIVATE_KEY_FILE") is { } ownKey ? input.MapPath(ownKey) : input.PrivateKeyFile;
        var parameters = new JsonObject
        {
            ["ssl"] = "on",
            ["ssl_cert_file"] = certificate,
            ["ssl_key_file"] = key,
            ["unix_socket_directories"] = input.RunDirectory,
            ["archive_command"] = "/bin/true",
            ["shared_preload_libraries"] = "pg_stat_statements",
            ["pg_stat_statements.track_utility"] = "off",
            // The log of a pod is what its processes write: nothing to rotate, nothing to look for elsewhere.
            ["logging_collector"] = "off",
            ["log_destination"] = "stderr",
            ["log_directory"] = Path.Combine(input.PostgresRoot, LogDirectory),
            ["shared_buffers"] = SharedBuffers(input.MemoryLimit),
            ["dynamic_shared_memory_type"] = "mmap",
        };
        if (Value(input, "SSL_CA_FILE") is { } authority) parameters["ssl_ca_file"] = input.MapPath(authority);
        // Not full_page_writes as well: pg_rewind, by which an old primary comes back, needs them.
        if (!input.SynchronousDisk) parameters["fsync"] = "off";

        var standby = Value(input, "PGUSER_STANDBY") ?? "standby";
        return new JsonObject
        {
            ["listen"] = input.PodAddress + ":5432",
            ["connect_address"] = input.PodAddress + ":5432",
            ["data_dir"] = dataDirectory,
            ["bin_dir"] = input.BinDirectory,
            ["pgpass"] = Path.Combine(input.RunDirectory, "pgpass"),
            ["basebackup"] = new JsonArray(new JsonObject { ["checkpoint"] = "fast" }),
            ["use_unix_socket"] = true,
            ["use_unix_socket_repl"] = true,
            ["authentication"] = new JsonObject
            {
                ["superuser"] = Login(Value(input, "PGUSER_SUPERUSER") ?? "postgres", Required(input, "PGPASSWORD_SUPERUSER")),
                ["replication"] = Login(standby, Required(input, "PGPASSWORD_STANDBY")),
            },
            ["parameters"] = parameters,
            ["pg_hba"] = AccessRules(input, standby),
        };
    }

    // A client of a pod always comes over the network here, also from the same machine: the rules for the pod's own loopback address have no place.
    private static JsonArray AccessRules(PatroniConfigurationInput input, string standby)
    {
        var rules = new JsonArray(
            "local all all trust",
            "local replication all trust",
            $"hostssl replication {Quote(standby)} all md5",
            "hostnossl all all all reject");
        if (Value(input, "PAM_OAUTH2") is not null && Value(input, "HUMAN_ROLE") is { } human) rules.Add((JsonNode)$"hostssl all {Quote("+" + human)} all pam");
        rules.Add((JsonNode)"hostssl all all all md5");
        return rules;
    }

    private static void FitToMachine(PatroniConfigurationInput input, JsonObject document, List<string> notes)
    {
        var postgresql = (JsonObject)document["postgresql"]!;
        if (Text(postgresql["bin_dir"]) is { } wished && wished != input.BinDirectory) notes.Add($"PostgreSQL of {input.BinDirectory} is used: {wished} is not how this machine has it.");
        postgresql["bin_dir"] = input.BinDirectory;
        if (postgresql["parameters"] is JsonObject parameters)
        {
            DropMissingLibraries(input, parameters, notes);
            foreach (var name in parameters.Select(p => p.Key).Where(IsImageOnly).ToList())
            {
                parameters.Remove(name);
                notes.Add($"The parameter {name} belongs to an extension that this machine does not have: left out.");
            }
        }

        if ((document["bootstrap"] as JsonObject)?["dcs"]?["postgresql"]?["parameters"] is JsonObject shared) DropMissingLibraries(input, shared, notes);
        if (Value(input, "WAL_S3_BUCKET") is not null || Value(input, "WAL_GS_BUCKET") is not null || Value(input, "AZURE_STORAGE_ACCOUNT") is not null)
        {
            notes.Add("WAL is not archived: the sandbox has no archive program.");
        }
    }

    private static void DropMissingLibraries(PatroniConfigurationInput input, JsonObject parameters, List<string> notes)
    {
        if (Text(parameters["shared_preload_libraries"]) is not { } libraries) return;
        var all = libraries.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var missing = all.Where(library => !input.HasLibrary(library)).ToList();
        if (missing.Count == 0) return;
        parameters["shared_preload_libraries"] = string.Join(',', all.Except(missing, StringComparer.Ordinal));
        notes.Add($"shared_preload_libraries without {string.Join(", ", missing)}: not installed on this machine.");
    }

    private static void AddClone(PatroniConfigurationInput input, JsonObject document, List<string> notes)
    {
        if (Value(input, "CLONE_SCOPE") is null) return;
        if (Value(input, "CLONE_METHOD") != "CLONE_WITH_BASEBACKUP")
        {
            notes.Add("The clone from an archive is not made: the sandbox has no archive program. The cluster starts empty.");
            return;
        }

        var bootstrap = (JsonObject)document["bootstrap"]!;
        bootstrap["method"] = "clone_with_basebackup";
        bootstrap["clone_with_basebackup"] = new JsonObject
        {
            ["command"] = input.CloneCommand,
            ["recovery_conf"] = new JsonObject { ["recovery_target_timeline"] = "latest", ["recovery_target_action"] = "promote", ["restore_command"] = "/bin/false" },
        };
    }

    private static string SharedBuffers(long? memoryLimit)
    {
        var megabytes = memoryLimit is { } limit ? Math.Clamp(limit / 5 / (1024 * 1024), SmallestSharedBuffers, LargestSharedBuffers) : LargestSharedBuffers;
        return megabytes.ToString(CultureInfo.InvariantCulture) + "MB";
    }

    private static bool IsImageOnly(string parameter) =>
        parameter.StartsWith("bg_mon.", StringComparison.Ordinal) || parameter.StartsWith("extwlist.", StringComparison.Ordinal);

    private static JsonObject Login(string user, string password) => new() { ["username"] = user, ["password"] = password };

    private static string Quote(string name) => name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '+') ? name : "\"" + name.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"";

    private static bool IsTrue(string? value) => value is not null && (value.Equals("true", StringComparison.OrdinalIgnoreCase) || value is "1" or "on" or "yes");

    private static string? Text(JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    private static string? Value(PatroniConfigurationInput input, string name) =>
        input.Environment.TryGetValue(name, out var value) && value.Length > 0 ? value : null;

    private static string Required(PatroniConfigurationInput input, string name) =>
        Value(input, name) ?? throw new SandboxException($"The environment variable {name} of container postgres is missing or empty: a database pod needs it.");

    private static JsonObject ParseObject(string variable, string text) =>
        ParseObjectOrNull(variable, text) ?? throw new SandboxException($"The environment variable {variable} must hold a JSON object, but holds null.");

    private static JsonObject? ParseObjectOrNull(string variable, string text)
    {
        try
        {
            return JsonNode.Parse(text) switch
            {
                null => null,
                JsonObject found => found,
                _ => throw new SandboxException($"The environment variable {variable} must hold a JSON object."),
            };
        }
        catch (JsonException exception)
        {
            throw new SandboxException($"The environment variable {variable} is not valid JSON: {exception.Message}", exception);
        }
    }
}
