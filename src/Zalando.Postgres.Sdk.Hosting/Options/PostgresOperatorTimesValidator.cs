using Microsoft.Extensions.Options;

namespace Zalando.Postgres.Sdk.Hosting.Options;

/// <summary>Checks the times of the options, which no attribute can do without reflection.</summary>
internal sealed class PostgresOperatorTimesValidator : IValidateOptions<PostgresOperatorOptions>
{
    public ValidateOptionsResult Validate(string? name, PostgresOperatorOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var faults = new List<string>();
        if (options.CallTimeout < TimeSpan.FromSeconds(1) || options.CallTimeout > TimeSpan.FromMinutes(10))
            faults.Add($"{nameof(options.CallTimeout)} is {options.CallTimeout}: it must be between 1 second and 10 minutes.");
        if (options.ResyncPeriod is { } period && period < TimeSpan.FromSeconds(1))
            faults.Add($"{nameof(options.ResyncPeriod)} is {period}: it must be at least 1 second.");
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }
}
