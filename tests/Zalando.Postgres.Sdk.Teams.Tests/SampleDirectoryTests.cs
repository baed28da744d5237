using System.Net;
using TeamDirectories;

namespace Zalando.Postgres.Sdk.Teams.Tests;

public sealed class SampleDirectoryTests
{
    [Fact]
    public async Task A_file_gives_members_of_known_teams_and_a_broken_one_says_so()
    {
        var path = Path.GetTempFileName();
        try
        {
            var directory = new FileTeamDirectory(path);
            await File.WriteAllTextAsync(path, """{"acid": ["alice", "bob", ""]}""");
            Assert.Equal(["alice", "bob"], (await directory.FindAsync("acid"))!.Members);
            Assert.Null(await directory.FindAsync("banana"));
            await File.WriteAllTextAsync(path, """{"acid": ["al""");
            Assert.Contains(path, (await Assert.ThrowsAsync<TeamDirectoryException>(() => directory.FindAsync("acid"))).Message, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(path);
        }

        await Assert.ThrowsAsync<TeamDirectoryException>(() => new FileTeamDirectory(path).FindAsync("acid"));
    }

    [Fact]
    public async Task A_group_service_is_asked_by_name_and_its_errors_are_failures()
    {
        using var service = new Service();
        using var http = new HttpClient(service) { BaseAddress = new("https://groups.example.com/v2/") };
        var directory = new GroupServiceDirectory(http);
        service.Body = """{"Resources": [{"members": [{"display": "alice"}, {"value": "7"}]}]}""";
        Assert.Equal(["alice"], (await directory.FindAsync("a\" or \"b"))!.Members);
        Assert.Equal("https://groups.example.com/v2/Groups?filter=displayName%20eq%20%22a%5C%22%20or%20%5C%22b%22", service.Asked);
        service.Body = """{"Resources": []}""";
        Assert.Null(await directory.FindAsync("acid"));
        service.Body = "<html>";
        await Assert.ThrowsAsync<TeamDirectoryException>(() => directory.FindAsync("acid"));
        service.Status = HttpStatusCode.ServiceUnavailable;
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await Assert.ThrowsAsync<TeamDirectoryException>(() => directory.FindAsync("acid"))).Status);
    }

    private sealed class Service : HttpMessageHandler
    {
        public string Body { get; set; } = "";

        public HttpStatusCode Status { get; set; } = HttpStatusCode.OK;

        public string? Asked { get; private set; }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Asked = request.RequestUri!.AbsoluteUri;
            return Task.FromResult(new HttpResponseMessage(Status) { Content = new StringContent(Body) });
        }
    }
}
