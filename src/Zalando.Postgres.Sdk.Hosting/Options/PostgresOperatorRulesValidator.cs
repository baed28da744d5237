using Microsoft.Extensions.Options;
using Zalando.Postgres.Sdk.Reconciliation.Deletion;

namespace Zalando.Postgres.Sdk.Hosting.Options;

/// <summary>Checks of the options what no attribute can check without reflection.</summary>
internal sealed class PostgresOperatorRulesValidator : IValidateOptions<PostgresOperatorOptions>
{
    public ValidateOptionsResult Validate(string? name, PostgresOperatorOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var faults = new List<string>();
        if (options.CallTimeout < TimeSpan.FromSeconds(1) || options.CallTimeout > TimeSpan.FromMinutes(10))
            faults.Add($"{nameof(options.CallTimeout)} is {options.CallTimeout}: it must be between 1 second and 10 minutes.");
        if (options.ResyncPeriod is { } period && period < TimeSpan.FromSeconds(1))
            faults.Add($"{nameof(options.ResyncPeriod)} is {period}: it must be at least 1 second.");
        if (options.OrphanedClusters is not (OrphanedClusters.Report or OrphanedClusters.Delete))
            faults.Add($"{nameof(options.OrphanedClusters)} is {options.OrphanedClusters}: it must be Report or Delete.");
        if (!Enum.IsDefined(options.RestartPolicy))
            faults.Add($"{nameof(options.RestartPolicy)} is {options.RestartPolicy}: it must be Immediately, MaintenanceWindow or Approval.");
        if (!Enum.IsDefined(options.ResizePolicy))
            faults.Add($"{nameof(options.ResizePolicy)} is {options.ResizePolicy}: it must be Cpu, CpuAndMemory or Never.");
        if (options.OrphanedClusters == OrphanedClusters.Delete && options.ControllerId.Length > 0)
            faults.Add($"{nameof(options.OrphanedClusters)} is Delete and {nameof(options.ControllerId)} is \"{options.ControllerId}\": what is left of a cluster does not tell which operator it belonged to, so an operator with a controller id must keep Report.");
        if (options.PatroniKeyFile is not null && options.PatroniCertificateFile is null)
            faults.Add($"{nameof(options.PatroniKeyFile)} is given without {nameof(options.PatroniCertificateFile)}: a key alone identifies nobody.");
        if (options.PatroniUserName is null != options.PatroniPasswordFile is null)
            faults.Add($"{nameof(options.PatroniUserName)} and {nameof(options.PatroniPasswordFile)} must be given together.");
        foreach (var (setting, file) in new[]
        {
            (nameof(options.PatroniAuthorityFile), options.PatroniAuthorityFile), (nameof(options.PatroniCertificateFile), options.PatroniCertificateFile),
            (nameof(options.PatroniKeyFile), options.PatroniKeyFile), (nameof(options.PatroniPasswordFile), options.PatroniPasswordFile),
        })
        {
            if (file is not null && !File.Exists(file)) faults.Add($"{setting} is {file}: there is no such file.");
        }

        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }
}
