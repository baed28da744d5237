using System.Globalization;
using Zalando.Postgres.Sdk.Resources.Configuration;

namespace Zalando.Postgres.Sdk.Resources.Validation;

/// <summary>Scheduled dumps.</summary>
internal static class BackupRules
{
    private static readonly (string Name, int Smallest, int Largest)[] CronFields = [("minute", 0, 59), ("hour", 0, 23), ("day of month", 1, 31), ("month", 1, 12), ("day of week", 0, 7)];

    internal static void Check(PostgresqlSpec spec, OperatorSettings settings, FindingCollector findings)
    {
        if (spec.LogicalBackupRetention is { Length: > 0 } retention && settings.LogicalBackup.Provider != "s3")
            findings.Warn("spec.logicalBackupRetention", retention, "BackupRetention", $"has no effect while logical_backup_provider is {settings.LogicalBackup.Provider}", "Set a life cycle rule on the bucket, or delete the line");
        if (spec.LogicalBackupSchedule is { } schedule)
        {
            CheckSchedule("spec.logicalBackupSchedule", schedule, findings);
            if (spec.EnableLogicalBackup != true) findings.Inform("spec.logicalBackupSchedule", schedule, "BackupOff", "has no effect while enableLogicalBackup is not true", "Write enableLogicalBackup: true");
        }
    }

    /// <summary>A cron expression of numbers, <c>*</c> and steps, which is all the schema allows.</summary>
    internal static void CheckSchedule(string path, string schedule, FindingCollector findings)
    {
        var words = schedule.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        if (words.Length != CronFields.Length)
        {
            findings.ErrorIfNew(path, schedule, "Cron", "must have five parts: minute, hour, day of month, month, day of week", "For example 30 00 * * *");
            return;
        }
        for (var i = 0; i < words.Length; i++)
        {
            var (name, smallest, largest) = CronFields[i];
            var parts = words[i].Split('/');
            var valid = parts.Length <= 2 && (parts[0] == "*" || (TryParse(parts[0], out var value) && value >= smallest && value <= largest));
            if (valid && parts.Length == 2) valid = TryParse(parts[1], out var step) && step >= 1 && step <= largest;
            if (!valid) findings.ErrorIfNew(path, schedule, "Cron", $"has \"{words[i]}\" as {name}, which must be a number from {smallest} to {largest} or *, and may have a step such as /15", "Ranges, lists and names are not allowed");
        }
    }

    private static bool TryParse(string text, out int number) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
