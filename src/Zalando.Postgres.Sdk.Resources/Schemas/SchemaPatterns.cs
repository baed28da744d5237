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

    /// <summary>Network as IPv4 or IPv6 CIDR. No IPv4 inside IPv6, no zone.</summary>
    public const string Network = "^(" + Octet + @"\." + Octet + @"\." + Octet + @"\." + Octet + @"\/(\d|[1-2]\d|3[0-2])|(" + IPv6Address + @")\/(12[0-8]|1[01][0-9]|[1-9]?[0-9]))$";

    private const string Octet = @"(\d|[1-9]\d|1\d\d|2[0-4]\d|25[0-5])";

    private const string Group = "[0-9a-fA-F]{1,4}";

    // All eight groups, or one run of zeros left out at any place.
    private const string IPv6Address =
        "(" + Group + ":){7}" + Group +
        "|(" + Group + ":){1,7}:" +
        "|(" + Group + ":){1,6}:" + Group +
        "|(" + Group + ":){1,5}(:" + Group + "){1,2}" +
        "|(" + Group + ":){1,4}(:" + Group + "){1,3}" +
        "|(" + Group + ":){1,3}(:" + Group + "){1,4}" +
        "|(" + Group + ":){1,2}(:" + Group + "){1,5}" +
        "|" + Group + ":(:" + Group + "){1,6}" +
        "|:((:" + Group + "){1,7}|:)";
}
