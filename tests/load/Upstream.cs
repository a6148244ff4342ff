using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;

namespace ConversationLookup.Load;

/// <summary>A Wassist that answers at once: the live API's shape, with the id that was asked for.</summary>
internal static class Upstream
{
    private const string Id = "00000000-0000-0000-0000-000000000000";

    private static readonly byte[] Body = Encoding.UTF8.GetBytes(
        $$"""
        {"id":"{{Id}}","contact":{"id":"c0a80001-0000-4000-8000-00000000000a","phoneNumber":"447700900222","name":"Amara Osei"},
        "activeAgent":{"id":"b7a1d9f0-5c3e-4e2b-8f61-0d9c8b7a6e55","name":"Orders assistant"},
        "whatsappNumber":{"id":"0f6d2c1b-9a8e-4b7c-a6d5-e4f3c2b1a099","number":"447700900111","isSandbox":false},"chatWindowRemainingTime":41230,
        "lastMessage":{"type":"text","body":"Can I change the delivery address?","createdAt":"2026-11-21T18:04:09.512Z","role":"user"},
        "isHumanTakeover":false,"active":true,"routing":"agent","webhookId":null,"routingOverride":false,"activeSupportHandoff":null,
        "supportHandoffs":[],"shopifyCustomer":null,"latestReferral":null,"needsReview":false,"reviewReasons":[],"analyticsEnabled":true}
        """);

    private static readonly int IdAt = Encoding.UTF8.GetString(Body).IndexOf(Id, StringComparison.Ordinal);

    public static async Task<int> RunAsync(string url)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls(url);
        var app = builder.Build();
        app.Run(context =>
        {
            var path = context.Request.Path.Value.AsSpan().TrimEnd('/');
            context.Response.ContentType = "application/json";
            context.Response.ContentLength = Body.Length;
            var target = context.Response.BodyWriter.GetSpan(Body.Length);
            Body.CopyTo(target);
            Encoding.UTF8.GetBytes(path[^Id.Length..], target[IdAt..]);
            context.Response.BodyWriter.Advance(Body.Length);
            return Task.CompletedTask;
        });
        await app.RunAsync();
        return 0;
    }
}
