namespace Zalando.Postgres.Sdk.Resources.Schemas;

/// <summary>The regular expressions of the custom resource definitions. They are part of the wire contract and may be looser or stricter than what works; the validators say so.</summary>
public static class SchemaPatterns
{
    /// <summary>CPU in cores: <c>100m</c>, <c>1.5</c>.</summary>
    public const string Cpu = @"^(\d+m|\d+(\.\d{1,3})?)$";

    /// <summary>Memory or disk space: <c>500Mi</c>. Allows the suffix <c>K</c>, which is no quantity, and refuses <c>k</c>, which is one.</summary>
    public const string Memory = @"^(\d+(e\d+)?|\d+(\.\d+)?(e\d+)?[EPTGMK]i?)$";

    /// <summary>Cron expression of numbers, <c>*</c> and steps.</summary>
    public const string Cron = @"^(\d+|\*)(/\d+)?(\s+(\d+|\*)(/\d+)?){4}$";

    /// <summary>Timestamp with numeric offset.</summary>
    public const string Timestamp = @"^([0-9]+)-(0[1-9]|1[012])-(0[1-9]|[12][0-9]|3[01])[Tt]([01][0-9]|2[0-3]):([0-5][0-9]):([0-5][0-9]|60)(\.[0-9]+)?(([+-]([01][0-9]|2[0-3]):[0-5][0-9]))$";

    /// <summary>Maintenance window.</summary>
    public const string MaintenanceWindow = @"^\ *((Mon|Tue|Wed|Thu|Fri|Sat|Sun):(2[0-3]|[01]?\d):([0-5]?\d)|(2[0-3]|[01]?\d):([0-5]?\d))-((2[0-3]|[01]?\d):([0-5]?\d)|(2[0-3]|[01]?\d):([0-5]?\d))\ *$";
}
