namespace Zalando.Postgres.Sdk.Resources.Configuration;

/// <summary>Defaults of Patroni, with defaults filled in.</summary>
public sealed record PatroniSettings
{
    /// <summary>Patroni failsafe_mode for clusters without <c>patroni.failsafe_mode</c>; set in bootstrap config and patched through the Patroni API when different.</summary>
    /// <value><c>false</c>.</value>
    public required bool EnablePatroniFailsafeMode { get; init; }

    internal static PatroniSettings Read(PatroniParameters? parameters, SettingsReader reader)
    {
        reader = reader.Group(parameters is not null);
        return new()
        {
            EnablePatroniFailsafeMode = reader.Flag("enable_patroni_failsafe_mode", parameters?.EnablePatroniFailsafeMode),
        };
    }
}
