using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Zalando.Postgres.Sdk.Testing.Tests.ApiServer;

/// <summary>An admission webhook over HTTP.</summary>
internal sealed class WebhookServer : IAsyncDisposable
{
    private readonly WebApplication _web;

    private WebhookServer(WebApplication web) => _web = web;

    public string Url { get; private set; } = "";

    /// <summary>The requests so far.</summary>
    public List<JsonObject> Seen { get; } = [];

    /// <summary>Starts one. <paramref name="answer"/> makes the response (without uid) of a request; null answers with 500.</summary>
    public static async Task<WebhookServer> StartAsync(Func<JsonObject, JsonObject?> answer)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(static k => k.Listen(System.Net.IPAddress.Loopback, 0));
        var web = builder.Build();
        var server = new WebhookServer(web);
        web.Run(async http =>
        {
            var review = (JsonObject)(await JsonNode.ParseAsync(http.Request.Body, cancellationToken: http.RequestAborted))!;
            var request = (JsonObject)review["request"]!;
            lock (server.Seen) server.Seen.Add(request);
            if (answer(request) is not { } response)
            {
                http.Response.StatusCode = 500;
                return;
            }

            response["uid"] ??= (string?)request["uid"];
            http.Response.ContentType = "application/json";
            await http.Response.WriteAsync(new JsonObject { ["apiVersion"] = "admission.k8s.io/v1", ["kind"] = "AdmissionReview", ["response"] = response }.ToJsonString(), http.RequestAborted);
        });
        await web.StartAsync(Requests.Token);
        server.Url = web.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        await _web.StopAsync(CancellationToken.None);
        await _web.DisposeAsync();
    }
}
