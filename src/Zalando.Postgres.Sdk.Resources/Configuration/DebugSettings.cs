namespace Zalando.Postgres.Sdk.Resources.Configuration;

/// <summary>Diagnosis, with defaults filled in.</summary>
public sealed record DebugSettings
{
    /// <summary>true sets log level debug; false keeps info.</summary>
    /// <value><c>true</c>.</value>
    public required bool DebugLogging { get; init; }

    /// <summary>false skips every SQL action (roles, databases, prepared databases). Flag -nodatabaseaccess forces false. Pooler lookup installation and stream sync do not check it.</summary>
    /// <value><c>true</c>.</value>
    public required bool EnableDatabaseAccess { get; init; }

    internal static DebugSettings Read(DebugParameters? parameters, SettingsReader reader)
    {
        reader = reader.Group(parameters is not null);
        return new()
        {
            DebugLogging = reader.Flag("debug_logging", parameters?.DebugLogging),
            EnableDatabaseAccess = reader.Flag("enable_database_access", parameters?.EnableDatabaseAccess),
        };
    }
}
