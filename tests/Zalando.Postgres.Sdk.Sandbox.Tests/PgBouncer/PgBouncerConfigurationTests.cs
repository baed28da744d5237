using Zalando.Postgres.Sdk.Sandbox.PgBouncer;

namespace Zalando.Postgres.Sdk.Sandbox.Tests.PgBouncer;

public sealed class PgBouncerConfigurationTests
{
    [Fact]
    public void The_environment_of_the_pod_becomes_the_configuration()
    {
        var text = Build(("CONNECTION_POOLER_MODE", "session"), ("CONNECTION_POOLER_DEFAULT_SIZE", "15"), ("INFRASTRUCTURE_ROLES", "a,b"));
        foreach (var line in new[]
        {
            "* = host=127.70.1.1 port=5432 auth_user=pooler", "listen_addr = 127.70.128.4", "pool_mode = session", "default_pool_size = 15", "stats_users = a,b",
            "auth_query = SELECT * FROM pooler.user_lookup($1)", "client_tls_sslmode = require", "server_tls_sslmode = require",
        })
        {
            Assert.Contains(line, text.Split('\n'));
        }
    }

    [Theory]
    [InlineData("PGUSER", "pooler\nadmin_users = everybody")]
    [InlineData("PGUSER", "pooler host=evil.example.com")]
    [InlineData("CONNECTION_POOLER_MODE", "session\r\nauth_type = any")]
    [InlineData("PGSCHEMA", "%include /etc/shadow")]
    public void A_value_that_would_write_another_setting_is_refused(string name, string value) =>
        Assert.Contains(name, Assert.Throws<SandboxException>(() => Build((name, value))).Message, StringComparison.Ordinal);

    private static string Build(params (string Name, string Value)[] changes)
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["PGUSER"] = "pooler", ["PGSCHEMA"] = "pooler" };
        foreach (var (name, value) in changes) environment[name] = value;
        return PgBouncerConfiguration.Build(environment, "127.70.128.4", "127.70.1.1", "/s/userlist.txt", "/s/server.crt", "/s/server.key", "/s");
    }
}
