using System.Net;
using Zalando.Postgres.Sdk.Testing.Time;

namespace Zalando.Postgres.Sdk.Teams.Tests;

public sealed class TeamDirectoryTests
{
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public async Task Members_are_asked_for_with_the_token_and_an_escaped_team()
    {
        using var api = new ScriptedApi(HttpStatusCode.OK, """{"id":"acid","member":["alice","bob",7,"alice"],"alias":[]}""");
        using var client = Client(api, " token-canary\n");
        var members = await client.FindAsync("a/../b?c");
        Assert.Equal(["alice", "bob"], members!.Members);
        Assert.Equal(("https://teams.example.com/api/teams/a%2F..%2Fb%3Fc", "Bearer token-canary"), api.Asked.Single());
    }

    [Theory]
    [InlineData(401, """{"error": "Access Token not valid"}""", "team API query failed with status code 401 and message: '\"Access Token not valid\"'")]
    [InlineData(418, """{"status": "I'm a teapot'"}""", "team API query failed with status code 418")]
    [InlineData(418, """{"status": """, "team API query failed with status code 418 and malformed response: ")]
    [InlineData(200, """{"status": """, "could not parse team API response: ")]
    [InlineData(200, "[]", "could not parse team API response: it is no object")]
    public async Task An_answer_that_cannot_be_used_is_told_in_the_apis_words(int status, string body, string message)
    {
        using var api = new ScriptedApi((HttpStatusCode)status, body);
        using var client = Client(api, "token-canary");
        var failure = await Assert.ThrowsAsync<TeamDirectoryException>(() => client.FindAsync("acid"));
        Assert.Contains(message, failure.Message, StringComparison.Ordinal);
        Assert.Equal((HttpStatusCode)status, failure.Status);
        Assert.DoesNotContain("canary", failure.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Neither_the_token_nor_a_password_in_the_address_is_repeated()
    {
        using var api = new ScriptedApi(HttpStatusCode.Forbidden, """{"error": "cannot use Bearer token-canary"}""");
        using var client = new TeamsApiClient(new() { Url = new("https://me:password-canary@teams.example.com/"), Token = _ => ValueTask.FromResult("token-canary") }, _time, api);
        var failure = await Assert.ThrowsAsync<TeamDirectoryException>(() => client.FindAsync("acid"));
        Assert.Contains("cannot use Bearer ***", failure.Message, StringComparison.Ordinal);
        using var nobody = new TeamsApiClient(new() { Url = new("http://me:password-canary@127.0.0.1:1/"), Token = _ => ValueTask.FromResult("token-canary") }, _time);
        Assert.DoesNotContain("canary", (await Assert.ThrowsAsync<TeamDirectoryException>(() => nobody.FindAsync("acid"))).ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(".")]
    [InlineData("..")]
    public async Task Steps_of_an_address_are_no_teams(string team)
    {
        using var api = new ScriptedApi(HttpStatusCode.OK, """{"member":["mallory"]}""");
        using var client = Client(api, "token");
        Assert.Null(await client.FindAsync(team));
        Assert.Empty(api.Asked);
    }

    [Fact]
    public async Task A_team_that_the_api_does_not_know_is_no_error()
    {
        using var api = new ScriptedApi(HttpStatusCode.NotFound, "");
        using var client = Client(api, "t");
        Assert.Null(await client.FindAsync("banana"));
    }

    [Fact]
    public async Task A_silent_api_is_given_up_after_the_deadline()
    {
        using var api = new ScriptedApi(HttpStatusCode.OK, "{}") { Silent = true };
        using var client = Client(api, "t");
        var asking = client.FindAsync("acid");
        await api.WasAsked.Task;
        _time.Advance(TimeSpan.FromSeconds(11));
        Assert.Contains("within 10 s", (await Assert.ThrowsAsync<TeamDirectoryException>(() => asking)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task In_an_outage_the_last_answer_counts_and_says_so()
    {
        using var api = new ScriptedApi(HttpStatusCode.OK, """{"member":["alice"]}""");
        using var client = Client(api, "t");
        var cache = new CachedTeamDirectory(client, _time, TimeSpan.FromMinutes(5), TimeSpan.FromHours(1));
        Assert.Null((await cache.FindAsync("acid"))!.StaleBecause);
        await cache.FindAsync("acid");
        Assert.Single(api.Asked);
        (api.Status, api.Body) = (HttpStatusCode.InternalServerError, "{}");
        _time.Advance(TimeSpan.FromMinutes(6));
        var stale = await cache.FindAsync("acid");
        Assert.Equal(["alice"], stale!.Members);
        Assert.Contains("status code 500", stale.StaleBecause, StringComparison.Ordinal);
        await Assert.ThrowsAsync<TeamDirectoryException>(() => cache.FindAsync("never-known"));
    }

    [Fact]
    public async Task A_team_that_disappears_is_believed_only_after_a_while()
    {
        using var api = new ScriptedApi(HttpStatusCode.OK, """{"member":["alice"]}""");
        using var client = Client(api, "t");
        var cache = new CachedTeamDirectory(client, _time, TimeSpan.FromMinutes(5), TimeSpan.FromHours(1));
        await cache.FindAsync("acid");
        api.Status = HttpStatusCode.NotFound;
        _time.Advance(TimeSpan.FromMinutes(6));
        Assert.Contains("does not know", (await cache.FindAsync("acid"))!.StaleBecause, StringComparison.Ordinal);
        _time.Advance(TimeSpan.FromMinutes(50));
        Assert.NotNull(await cache.FindAsync("acid"));
        _time.Advance(TimeSpan.FromMinutes(11));
        Assert.Null(await cache.FindAsync("acid"));
    }

    [Fact]
    public async Task The_token_is_read_from_its_file_each_time()
    {
        var path = Path.GetTempFileName();
        try
        {
            var token = TeamsApiOptions.FromFile(path);
            await File.WriteAllTextAsync(path, "one\n");
            Assert.Equal("one", await token(default));
            await File.WriteAllTextAsync(path, "two");
            Assert.Equal("two", await token(default));
        }
        finally
        {
            File.Delete(path);
        }
    }

    private TeamsApiClient Client(ScriptedApi api, string token) =>
        new(new() { Url = new("https://teams.example.com/api/"), Token = _ => ValueTask.FromResult(token) }, _time, api);

    private sealed class ScriptedApi(HttpStatusCode status, string body) : HttpMessageHandler
    {
        public HttpStatusCode Status { get; set; } = status;

        public string Body { get; set; } = body;

        public bool Silent { get; init; }

        public TaskCompletionSource WasAsked { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public List<(string Url, string? Authorization)> Asked { get; } = [];

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Asked.Add((request.RequestUri!.AbsoluteUri, request.Headers.Authorization?.ToString()));
            WasAsked.TrySetResult();
            if (Silent) await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
            return new(Status) { Content = new StringContent(Body) };
        }
    }
}
