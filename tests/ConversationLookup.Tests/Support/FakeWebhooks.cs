using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace ConversationLookup.Tests.Support;

/// <summary>Webhooks and deliveries of a <see cref="FakeWassist"/>, in the shapes that a test wants.</summary>
internal sealed class FakeWebhooks
{
    public const string Secret = "whsec-do-not-leak";

    /// <summary>Where the app under test is, as far as it knows.</summary>
    public const string AppUrl = "https://contoso.example";

    /// <summary>Every webhook of the account.</summary>
    public List<JsonObject> All { get; } = [];

    /// <summary>What was sent to them; the list is newest first, as it is added to at its beginning.</summary>
    public List<JsonObject> Deliveries { get; } = [];

    /// <summary>The deliveries that were replayed, in order.</summary>
    public ConcurrentQueue<string> Replays { get; } = [];

    /// <summary>How a replay is answered; the list is the caller's to change.</summary>
    public Func<string, Task<RequestDelegate>> OnReplay { get; set; } = id => Task.FromResult(FakeWassist.Status(201, $$"""{"id":"{{id}}-again"}"""));

    /// <summary>How the lists are answered; <see cref="ListAsync"/> unless a test has another answer.</summary>
    public RequestDelegate? OnList { get; set; }

    /// <summary>When each call came, by the clock of the app.</summary>
    public ConcurrentQueue<DateTimeOffset> Calls { get; } = [];

    public TimeProvider Clock { get; set; } = TimeProvider.System;

    /// <summary>For <see cref="FakeWassist.Answer"/>.</summary>
    public async Task AnswerAsync(HttpContext context)
    {
        Calls.Enqueue(Clock.GetUtcNow());
        var path = context.Request.Path.Value!["/api/v1/".Length..];
        var answer = path.Split('/') switch
        {
            ["webhooks" or "webhook-deliveries", ""] => OnList ?? ListAsync,
            ["webhook-deliveries", var id, "replay", ""] when context.Request.Method == "POST" => await ReplayAsync(id),
            ["conversations", ..] => FakeWassist.Json(id => Bodies.Live(id)),
            _ => FakeWassist.Status(404, """{"detail":"Not found."}"""),
        };
        await answer(context);
    }

    /// <summary>The webhook of the app under test, as Wassist has it.</summary>
    public JsonObject Add(string url = $"{AppUrl}/api/webhooks/wassist", bool active = true, int failures = 0, params string[] events)
    {
        var webhook = new JsonObject
        {
            ["id"] = $"webhook-{All.Count}",
            ["name"] = "Conversation Lookup",
            ["url"] = url,
            ["secret"] = Secret,
            ["events"] = new JsonArray([.. events.DefaultIfEmpty("message.received").Concat(events.Length == 0 ? ["subscription.message.received"] : [])]),
            ["active"] = active,
            ["consecutiveFailures"] = failures,
            ["disabledAt"] = active ? null : "2026-11-21T18:00:00Z",
            ["disabledReason"] = null,
        };
        All.Add(webhook);
        return webhook;
    }

    /// <summary>A delivery that failed, unless changed.</summary>
    public JsonObject Fail(string id, DateTimeOffset at, string webhook = "webhook-0", string type = "message.received")
    {
        var delivery = new JsonObject
        {
            ["id"] = id,
            ["webhook"] = webhook,
            ["event"] = type,
            ["status"] = "failed",
            ["responseStatus"] = 503,
            ["createdAt"] = at.ToString("O", CultureInfo.InvariantCulture),
        };
        Deliveries.Insert(0, delivery);
        return delivery;
    }

    private async Task<RequestDelegate> ReplayAsync(string id)
    {
        Replays.Enqueue(id);
        return await OnReplay(id);
    }

    /// <summary>A page of either list.</summary>
    public Task ListAsync(HttpContext context)
    {
        var all = IsOfDeliveries(context) ? Deliveries : All;
        var (limit, offset) = (Number(context, "limit"), Number(context, "offset"));
        return context.Response.WriteAsync(new JsonObject
        {
            ["count"] = all.Count,
            ["next"] = offset + limit < all.Count ? "http://next" : null,
            ["previous"] = null,
            ["results"] = new JsonArray([.. all.Skip(offset).Take(limit).Select(one => one.DeepClone())]),
        }.ToJsonString());
    }

    public static bool IsOfDeliveries(HttpContext context) => context.Request.Path.Value!.Contains("webhook-deliveries", StringComparison.Ordinal);

    public static int Number(HttpContext context, string name) => int.Parse(context.Request.Query[name]!, CultureInfo.InvariantCulture);
}
