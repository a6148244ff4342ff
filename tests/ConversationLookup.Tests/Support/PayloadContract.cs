using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace ConversationLookup.Tests.Support;

/// <summary>
/// What every payload promises a flow, in one place: names, JSON types, no nulls, whole UTC seconds. Written by hand from the
/// contract, not derived from the code.
/// </summary>
internal static partial class PayloadContract
{
    private static readonly string[] Texts =
    [
        "id", "contactId", "contactName", "contactPhoneNumber", "businessPhoneNumber", "agentId", "agentName", "handledBy",
        "lastMessageText", "lastMessageRole", "lastMessageType",
    ];

    private static readonly string[] Flags =
        ["isSandbox", "hasAgent", "isActive", "isHumanTakeover", "replyWindowIsOpen", "hasLastMessage"];

    /// <summary>In their order.</summary>
    private static readonly string[] ProblemMembers = ["type", "title", "status", "detail", "code", "traceId", "retryAfterSeconds", "errors"];

    private static readonly string[] OptionalTimes = ["replyWindowClosesAt", "lastMessageAt"];

    /// <summary>Every name of a summary.</summary>
    public static IReadOnlyList<string> SummaryNames { get; } =
        [.. Texts, .. Flags, "replyWindowSecondsLeft", "retrievedAt", .. OptionalTimes];

    /// <summary>A whole summary: all the properties, of the right types, consistent with one another.</summary>
    public static void AssertSummary(JsonElement summary)
    {
        AssertNoNull(summary);
        AssertPart(summary);

        var missing = SummaryNames.Except(OptionalTimes).Where(name => !summary.TryGetProperty(name, out _));
        Assert.Empty(missing);

        Assert.Matches(Uuid(), summary.GetProperty("id").GetString());
        Assert.Matches(PhoneNumberOrNothing(), summary.GetProperty("contactPhoneNumber").GetString());
        Assert.Matches(PhoneNumberOrNothing(), summary.GetProperty("businessPhoneNumber").GetString());
        Assert.Contains(summary.GetProperty("handledBy").GetString(), new[] { "agent", "human", "webhook", "sandbox", "none" });

        var secondsLeft = summary.GetProperty("replyWindowSecondsLeft").GetInt32();
        Assert.True(secondsLeft >= 0);
        Assert.Equal(secondsLeft > 0, summary.GetProperty("replyWindowIsOpen").GetBoolean());
        if (secondsLeft > 0)
            Assert.True(summary.TryGetProperty("replyWindowClosesAt", out _));
        if (!summary.GetProperty("hasAgent").GetBoolean())
            Assert.Equal("", summary.GetProperty("agentId").GetString() + summary.GetProperty("agentName").GetString());
        if (!summary.GetProperty("hasLastMessage").GetBoolean())
        {
            Assert.False(summary.TryGetProperty("lastMessageAt", out _));
            Assert.All(["lastMessageText", "lastMessageRole", "lastMessageType"], name => Assert.Equal("", summary.GetProperty(name).GetString()));
        }
    }

    /// <summary>What a flow's trigger gets: all the properties, of the right types, consistent with one another.</summary>
    public static void AssertNotification(JsonElement notification)
    {
        AssertNoNull(notification);
        Assert.Equal(
            ["eventType", "deliveryId", "occurredAt", "occurredAtMilliseconds", "conversationId", "routing", "lookupOutcome", "hasMessage", "message", "conversation"],
            notification.EnumerateObject().Select(property => property.Name));
        Assert.All(
            ["eventType", "deliveryId", "occurredAt", "conversationId", "routing", "lookupOutcome"],
            name => Assert.Equal(JsonValueKind.String, notification.GetProperty(name).ValueKind));
        Assert.Matches(UtcSeconds(), notification.GetProperty("occurredAt").GetString());
        Assert.Equal(notification.GetProperty("occurredAt").GetDateTimeOffset().ToUnixTimeSeconds(), notification.GetProperty("occurredAtMilliseconds").GetInt64() / 1000);
        Assert.Contains(notification.GetProperty("lookupOutcome").GetString(), new[] { "found", "notFound", "unavailable" });

        var message = notification.GetProperty("message");
        string[] texts = ["id", "waId", "text", "buttonText", "buttonId", "replyTo", "mediaUrl", "mediaType"];
        Assert.Equal([.. texts[..6], "hasMedia", .. texts[6..], "media"], message.EnumerateObject().Select(property => property.Name));
        Assert.All(texts, name => Assert.Equal(JsonValueKind.String, message.GetProperty(name).ValueKind));
        AssertMedia(message);
        if (!notification.GetProperty("hasMessage").GetBoolean())
            Assert.Equal("", message.GetProperty("text").GetString());
        _ = message.GetProperty("hasMedia").GetBoolean();

        var conversation = notification.GetProperty("conversation");
        Assert.Equal(notification.GetProperty("conversationId").GetString(), conversation.GetProperty("id").GetString());
        if (conversation.GetProperty("id").GetString() is { Length: > 0 })
            AssertSummary(conversation);
        else
            AssertPart(conversation);
    }

    /// <summary>A page of conversations: all the properties, of the right types, consistent with one another.</summary>
    public static void AssertConversationPage(JsonElement page)
    {
        AssertNoNull(page);
        Assert.Equal(["items", "count", "total", "hasMore", "nextOffset"], page.EnumerateObject().Select(property => property.Name));
        Assert.All(page.GetProperty("items").EnumerateArray(), AssertSummary);
        AssertPaging(page);
        Assert.True(page.GetProperty("total").GetInt32() >= page.GetProperty("count").GetInt32());
    }

    /// <summary>A page of messages: all the properties, of the right types, consistent with one another.</summary>
    public static void AssertMessagePage(JsonElement page)
    {
        AssertNoNull(page);
        Assert.Equal(["conversationId", "items", "count", "hasMore", "nextOffset", "transcript"], page.EnumerateObject().Select(property => property.Name));
        Assert.Matches(Uuid(), page.GetProperty("conversationId").GetString());
        Assert.All(page.GetProperty("items").EnumerateArray(), message => AssertMessage(message));
        AssertPaging(page);
        var lines = page.GetProperty("transcript").GetString()!.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(page.GetProperty("count").GetInt32(), lines.Length);
    }

    /// <summary>What an action that sent a message answers: the message, where it is, and how that is known.</summary>
    public static void AssertSentMessage(JsonElement sent)
    {
        AssertNoNull(sent);
        AssertMessage(sent, "conversationId", "confirmedBy");
        Assert.Matches(Uuid(), sent.GetProperty("conversationId").GetString());
        Assert.Contains(sent.GetProperty("confirmedBy").GetString(), new[] { "answer", "reading" });
    }

    /// <summary>Agents to pick from. What else Wassist says of one stays there: it includes secrets.</summary>
    public static void AssertAgentList(JsonElement list) => AssertList(list, "id", "name");

    /// <summary>The business's numbers to pick from.</summary>
    public static void AssertBusinessNumberList(JsonElement list)
    {
        AssertList(list, "businessPhoneNumber", "name", "title", "agentId", "agentName", "isSandbox");
        Assert.All(list.GetProperty("items").EnumerateArray(), number =>
        {
            Assert.Matches(PhoneNumberOrNothing(), number.GetProperty("businessPhoneNumber").GetString());
            _ = number.GetProperty("isSandbox").GetBoolean();
        });
    }

    /// <summary>Templates to pick from.</summary>
    public static void AssertTemplateList(JsonElement list) => AssertList(list, "name", "title", "category", "language", "preview");

    /// <summary>The placeholders of a template, as a JSON schema whose properties are all texts that must be given.</summary>
    public static void AssertTemplateSchema(JsonElement answer)
    {
        AssertNoNull(answer);
        Assert.Equal(["schema", "preview"], answer.EnumerateObject().Select(property => property.Name));
        Assert.NotEqual("", answer.GetProperty("preview").GetString());
        var schema = answer.GetProperty("schema");
        Assert.Equal(["type", "properties", "required"], schema.EnumerateObject().Select(property => property.Name));
        Assert.Equal("object", schema.GetProperty("type").GetString());
        Assert.Equal(
            schema.GetProperty("properties").EnumerateObject().Select(property => property.Name), schema.GetProperty("required").EnumerateArray().Select(name => name.GetString()));
        Assert.All(schema.GetProperty("properties").EnumerateObject(), property =>
        {
            Assert.Matches("^(header|body|button)_[A-Za-z0-9_]+$", property.Name);
            Assert.Equal("string", property.Value.GetProperty("type").GetString());
            Assert.All(["title", "x-ms-summary", "description"], name => Assert.NotEqual("", property.Value.GetProperty(name).GetString()));
        });
    }

    private static void AssertList(JsonElement list, params string[] names)
    {
        AssertNoNull(list);
        Assert.Equal("items", Assert.Single(list.EnumerateObject()).Name);
        Assert.All(list.GetProperty("items").EnumerateArray(), item =>
        {
            Assert.Equal(names, item.EnumerateObject().Select(property => property.Name));
            Assert.All(item.EnumerateObject().Where(property => property.Name != "isSandbox"), property => Assert.Equal(JsonValueKind.String, property.Value.ValueKind));
            Assert.All(names[..2], name => Assert.NotEqual("", item.GetProperty(name).GetString())); // its value and its title
        });
    }

    private static void AssertMessage(JsonElement message, params string[] more)
    {
        string[] names = ["id", "role", "type", "text", "mediaUrl", "mediaType", "media", "replyTo", "status"];
        Assert.Equal(names.Concat(more).Order(), message.EnumerateObject().Select(property => property.Name).Where(name => name != "createdAt").Order());
        Assert.All(message.EnumerateObject().Where(property => property.Name != "media"), property => Assert.Equal(JsonValueKind.String, property.Value.ValueKind));
        AssertMedia(message);
        if (message.TryGetProperty("createdAt", out var createdAt))
            Assert.Matches(UtcSeconds(), createdAt.GetString());
    }

    /// <summary>The list of media, and the first of them beside it.</summary>
    private static void AssertMedia(JsonElement message)
    {
        var media = message.GetProperty("media").EnumerateArray().Select(one => (one.GetProperty("url").GetString()!, one.GetProperty("type").GetString()!)).ToList();
        Assert.All(message.GetProperty("media").EnumerateArray(), one => Assert.Equal(["url", "type"], one.EnumerateObject().Select(property => property.Name)));
        Assert.All(media, one => Assert.NotEqual("", one.Item1));
        Assert.Equal(media.FirstOrDefault(("", "")), (message.GetProperty("mediaUrl").GetString()!, message.GetProperty("mediaType").GetString()!));
    }

    private static void AssertPaging(JsonElement page)
    {
        Assert.Equal(page.GetProperty("items").GetArrayLength(), page.GetProperty("count").GetInt32());
        Assert.True(page.GetProperty("nextOffset").GetInt32() >= page.GetProperty("count").GetInt32());
        _ = page.GetProperty("hasMore").GetBoolean();
    }

    /// <summary>What <c>?fields=</c> keeps: nothing but known names, each of its type.</summary>
    public static void AssertPart(JsonElement part)
    {
        foreach (var property in part.EnumerateObject())
        {
            if (Texts.Contains(property.Name))
                Assert.Equal(JsonValueKind.String, property.Value.ValueKind);
            else if (Flags.Contains(property.Name))
                Assert.True(property.Value.ValueKind is JsonValueKind.True or JsonValueKind.False);
            else if (property.Name is "replyWindowSecondsLeft")
                Assert.True(property.Value.TryGetInt32(out _));
            else
                AssertTime(property);
        }
    }

    /// <summary>A problem: all the members, the right types, no null, the header beside the body.</summary>
    public static void AssertProblem(HttpResponseMessage response, JsonElement problem)
    {
        AssertNoNull(problem);
        Assert.Equal(ProblemMembers.Where(name => problem.TryGetProperty(name, out _)), problem.EnumerateObject().Select(member => member.Name));
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal((int)response.StatusCode, problem.GetProperty("status").GetInt32());
        Assert.Equal($"urn:conversation-lookup:problem:{problem.GetProperty("code").GetString()}", problem.GetProperty("type").GetString());
        Assert.Matches("^[a-z]+(_[a-z]+)*$", problem.GetProperty("code").GetString());
        Assert.NotEqual("", problem.GetProperty("title").GetString());
        Assert.NotEqual("", problem.GetProperty("detail").GetString());
        Assert.Matches("^[0-9a-f]{32}$", problem.GetProperty("traceId").GetString());
        if (problem.TryGetProperty("retryAfterSeconds", out var seconds))
            Assert.Equal(seconds.GetInt32().ToString(CultureInfo.InvariantCulture), response.Headers.GetValues("Retry-After").Single());
        else
            Assert.False(response.Headers.Contains("Retry-After"));
        if (problem.TryGetProperty("errors", out var errors))
            Assert.NotEmpty(errors.EnumerateArray());
    }

    private static void AssertTime(JsonProperty property)
    {
        Assert.True(
            OptionalTimes.Contains(property.Name) || property.Name == "retrievedAt",
            $"'{property.Name}' is in no list of PayloadContract.cs. A new field goes into the one of its type; 'To add a field' in CONTRIBUTING.md has the rest.");
        Assert.Matches(UtcSeconds(), property.Value.GetString());
    }

    private static void AssertNoNull(JsonElement element)
    {
        Assert.NotEqual(JsonValueKind.Null, element.ValueKind);
        if (element.ValueKind is JsonValueKind.Object)
            Assert.All(element.EnumerateObject(), property => AssertNoNull(property.Value));
        if (element.ValueKind is JsonValueKind.Array)
            Assert.All(element.EnumerateArray(), AssertNoNull);
    }

    [GeneratedRegex(@"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\z")]
    private static partial Regex Uuid();

    [GeneratedRegex(@"^(\+[1-9][0-9]{6,14})?\z")]
    private static partial Regex PhoneNumberOrNothing();

    [GeneratedRegex(@"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z\z")]
    private static partial Regex UtcSeconds();
}
