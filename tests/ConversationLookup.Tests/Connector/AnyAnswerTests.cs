using System.Text.Json;
using System.Text.Json.Nodes;
using ConversationLookup.Tests.Support;
using CsCheck;

namespace ConversationLookup.Tests.Connector;

/// <summary>
/// Whatever Wassist holds, an action gets no null and no other type than the definition says: an action of a flow fails on either.
/// </summary>
public sealed class AnyAnswerTests
{
    private const int Answers = 1000;

    private static readonly Gen<JsonObject[]> Conversations = AnyJson.Conversation.Array[0, 5].Select(make => make.Select(body => body(Guid.NewGuid().ToString())).ToArray());

    private static readonly Gen<bool> Enveloped = Gen.Bool;

    [Fact]
    public async Task A_thousand_conversations_fit_the_definition()
    {
        var random = new PCG(20_261_124);
        var made = Enumerable.Range(0, Answers).ToDictionary(_ => Guid.NewGuid().ToString(), _ => AnyJson.Conversation.Generate(random, null, out var _));
        await using var wassist = await FakeWassist.StartAsync();
        wassist.Answer = FakeWassist.Json(id => made[id](id));
        await using var app = await App.StartAsync(wassist);
        var definition = await ServedDefinition.LoadAsync(app);

        var payloads = await CountAsync(made.Keys, async id =>
        {
            var answer = await app.LookUpAsync(id);
            definition.AssertKept("GetConversation", answer);
            return answer.StatusCode == 200;
        });

        Assert.InRange(payloads, Answers / 2, Answers); // some have no usable id
    }

    [Fact]
    public async Task A_thousand_lists_of_conversations_fit_the_definition()
    {
        var random = new PCG(20_261_125);
        var made = Enumerable.Range(0, Answers).ToDictionary(
            number => $"{number}",
            _ => ToList(Conversations.Generate(random, null, out var _), Enveloped.Generate(random, null, out var _)));
        await using var wassist = await FakeWassist.StartAsync();
        wassist.Answer = context => FakeWassist.Status(200, made[context.Request.Query["offset"]!])(context);
        await using var app = await App.StartAsync(wassist);
        var definition = await ServedDefinition.LoadAsync(app);

        var pages = await CountAsync(made.Keys, async offset =>
        {
            var answer = (await app.GetAsync($"conversations?offset={offset}")).IsConversationPage();
            definition.AssertKept("FindConversations", answer);
            return answer["count"].GetInt32() > 0;
        });

        Assert.InRange(pages, Answers / 2, Answers);
    }

    [Fact]
    public async Task A_thousand_lists_of_messages_of_every_type_fit_the_definition()
    {
        var random = new PCG(20_261_126);
        var messages = AnyJson.Message.Array[0, 10];
        var made = Enumerable.Range(0, Answers).ToDictionary(
            number => $"{number}",
            _ => ToList(messages.Generate(random, null, out var _), Enveloped.Generate(random, null, out var _)));
        await using var wassist = await FakeWassist.StartAsync();
        wassist.Answer = FakeWassist.Routes(
            FakeWassist.Json(_ => Bodies.Live()),
            messages: context => FakeWassist.Status(200, made[context.Request.Query["offset"]!])(context));
        await using var app = await App.StartAsync(wassist);
        var definition = await ServedDefinition.LoadAsync(app);

        var texts = await CountAsync(made.Keys, async offset =>
        {
            var answer = (await app.GetAsync($"conversations/{Bodies.Id}/messages?offset={offset}")).IsMessagePage();
            definition.AssertKept("ListMessages", answer);
            return answer["items"].EnumerateArray().Any(message => message.GetProperty("text").GetString() is { Length: > 0 });
        });

        Assert.InRange(texts, Answers / 2, Answers);
    }

    /// <summary>The check itself finds what would fail a flow.</summary>
    [Theory]
    [InlineData("contactName", "null")]
    [InlineData("contactName", "5")]
    [InlineData("isActive", "\"true\"")]
    [InlineData("replyWindowSecondsLeft", "\"41230\"")]
    [InlineData("replyWindowSecondsLeft", "1.5")]
    [InlineData("lastMessageAt", "\"yesterday\"")]
    [InlineData("lastMessageAt", "null")]
    [InlineData("retrievedAt", null)]
    [InlineData("surprise", "1")]
    public async Task A_deviation_is_found(string property, string? json)
    {
        await using var wassist = await FakeWassist.StartAsync();
        await using var app = await App.StartAsync(wassist);
        var definition = await ServedDefinition.LoadAsync(app);
        var answer = await app.LookUpAsync();
        definition.AssertKept("GetConversation", answer);
        var body = JsonObject.Create(answer.Body)!;
        if (json is null)
            body.Remove(property);
        else
            body[property] = JsonNode.Parse(json);

        Assert.ThrowsAny<Xunit.Sdk.XunitException>(() =>
            definition.AssertKept("GetConversation", answer with { Body = JsonSerializer.SerializeToElement(body) }));
    }

    private static string ToList(IEnumerable<JsonNode?> items, bool enveloped)
    {
        var list = new JsonArray([.. items.Select(item => item?.DeepClone())]);
        return enveloped ? new JsonObject { ["count"] = list.Count, ["next"] = null, ["previous"] = null, ["results"] = list }.ToJsonString() : list.ToJsonString();
    }

    private static async Task<int> CountAsync(IEnumerable<string> asked, Func<string, Task<bool>> counts)
    {
        var count = 0;
        await Parallel.ForEachAsync(asked, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (one, _) =>
        {
            if (await counts(one))
                Interlocked.Increment(ref count);
        });
        return count;
    }
}
