using System.Text.Json;
using System.Text.Json.Nodes;

namespace Zalando.Postgres.Sdk.Resources.Tests.Clusters;

public sealed class PostgresqlTests
{
    private const string Minimal = """
        {"apiVersion":"acid.zalan.do/v1","kind":"postgresql","metadata":{"name":"acid-minimal-cluster"},"spec":{"teamId":"acid","volume":{"size":"1Gi"},
        "numberOfInstances":2,"users":{"zalando":["superuser","createdb"],"foo_user":[]},"databases":{"foo":"zalando"},"preparedDatabases":{"bar":{}},"postgresql":{"version":"18"}}}
        """;

    [Fact]
    public void The_minimal_manifest_is_read()
    {
        var cluster = JsonSerializer.Deserialize(Minimal, Postgresql.JsonTypeInfo)!;

        Assert.Equal("acid-minimal-cluster", cluster.Metadata.Name);
        Assert.Equal("acid", cluster.Spec.TeamId);
        Assert.Equal(2, cluster.Spec.NumberOfInstances);
        Assert.Equal("18", cluster.Spec.Postgresql.Version);
        Assert.Equal("1Gi", cluster.Spec.Volume.Size);
        Assert.Equal(["superuser", "createdb"], cluster.Spec.Users!["zalando"]!);
        Assert.Empty(cluster.Spec.Users["foo_user"]!);
        Assert.Null(cluster.Spec.PreparedDatabases!["bar"]!.DefaultUsers);
        Assert.Null(cluster.Spec.Paused);
    }

    [Fact]
    public void The_minimal_manifest_is_written_as_it_was_read()
    {
        var cluster = JsonSerializer.Deserialize(Minimal, Postgresql.JsonTypeInfo)!;

        var written = JsonSerializer.SerializeToNode(cluster, Postgresql.JsonTypeInfo);

        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(Minimal), written), written!.ToJsonString());
    }

    [Fact]
    public void Unknown_fields_survive_at_every_level()
    {
        const string text = """
            {"apiVersion":"acid.zalan.do/v1","kind":"postgresql","metadata":{"name":"a"},"spec":{"postgresql":{"version":"17","new":1},"volume":{"size":"1Gi","new":{"a":[null]}},
            "patroni":{"new":"x"},"new":true,"status":1},"status":{"PostgresClusterStatus":"Running","new":[1]},"new":null}
            """;

        var written = JsonSerializer.SerializeToNode(JsonSerializer.Deserialize(text, Postgresql.JsonTypeInfo)!, Postgresql.JsonTypeInfo);

        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(text), written), written!.ToJsonString());
    }

    [Fact]
    public void A_status_that_is_a_plain_text_is_read()
    {
        var cluster = JsonSerializer.Deserialize("""{"metadata":{"name":"a"},"spec":{},"status":"Running"}""", Postgresql.JsonTypeInfo)!;

        Assert.Equal("Running", cluster.Status!.PostgresClusterStatus);
    }

    [Fact]
    public void A_secret_in_a_manifest_is_never_printed()
    {
        var cluster = JsonSerializer.Deserialize("""{"metadata":{"name":"a"},"spec":{"clone":{"cluster":"b","s3_secret_access_key":"hunter2"}}}""", Postgresql.JsonTypeInfo)!;

        Assert.Equal("hunter2", cluster.Spec.CloneFrom!.S3SecretAccessKey!.Value.Reveal());
        Assert.DoesNotContain("hunter2", cluster.ToString(), StringComparison.Ordinal);
        Assert.Contains("hunter2", JsonSerializer.Serialize(cluster, Postgresql.JsonTypeInfo), StringComparison.Ordinal);
    }
}
