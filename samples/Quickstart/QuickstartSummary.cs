using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Sandbox;

namespace Zalando.Postgres.Sdk.Samples.Quickstart;

/// <summary>What there is now and what to try with it.</summary>
internal sealed class QuickstartSummary(SandboxCluster sandbox, ManifestFile manifest, VerificationResult verification, TimeSpan elapsed)
{
    public JsonObject ToJson() => new()
    {
        ["type"] = "ready",
        ["seconds"] = Math.Round(elapsed.TotalSeconds, 1),
        ["namespace"] = manifest.Namespace,
        ["name"] = manifest.Name,
        ["kubeconfig"] = sandbox.Kubeconfig,
        ["apiServer"] = sandbox.ApiServer.Url.ToString(),
        ["primary"] = verification.PrimaryAddress,
        ["replica"] = verification.ReplicaAddress,
        ["user"] = verification.User,
        ["database"] = verification.Database,
        ["secret"] = verification.SecretName,
        ["certificateAuthority"] = verification.AuthorityFile,
    };

    public string ToText(bool once)
    {
        var ready = $"\nReady after {elapsed.TotalSeconds:0.0} s: {manifest.Namespace}/{manifest.Name}, verified with queries.\n";
        if (once) return ready;
        var target = $"default/{manifest.Name}" == $"{manifest.Namespace}/{manifest.Name}" ? "" : $" -n {manifest.Namespace}";
        var more = manifest.Instances + 1;
        return $$$"""
            {{{ready}}}
            Connect (in another terminal):

              export KUBECONFIG={{{sandbox.Kubeconfig}}}
              PGPASSWORD=$(kubectl get secret{{{target}}} {{{verification.SecretName}}} -o 'jsonpath={.data.password}' | base64 -d) \
                psql "host={{{verification.PrimaryAddress}}} user={{{verification.User}}} dbname={{{verification.Database}}} sslmode=verify-ca sslrootcert={{{verification.AuthorityFile}}}"

            Three things to try:

              1. Look:     kubectl get postgresql,statefulset,pods,services,secrets{{{target}}}
              2. Fail:     kubectl exec{{{target}}} {{{manifest.Name}}}-0 -- pkill -9 -f {{{manifest.Name}}}-0; kubectl get pods{{{target}}} -L spilo-role -w
              3. Scale:    kubectl patch postgresql{{{target}}} {{{manifest.Name}}} --type merge -p '{"spec":{"numberOfInstances":{{{more}}}}}'

            Ctrl-C removes everything.
            """;
    }
}
