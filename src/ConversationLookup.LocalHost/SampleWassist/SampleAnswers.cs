using System.Globalization;
using System.Text.Json.Nodes;

namespace ConversationLookup.LocalHost.SampleWassist;

/// <summary>What the sample answers when it does not do what it is asked to, in the words of the real one as far as they are known.</summary>
public static class SampleAnswers
{
    public static IResult Detail(int status, string detail) => Results.Json(new JsonObject { ["detail"] = detail }, statusCode: status);

    public static IResult NoConversation() => Detail(404, "No Conversation matches the given query.");

    /// <param name="seconds">When the key may ask again.</param>
    public static IResult TooManyRequests(int seconds)
    {
        var detail = string.Create(CultureInfo.InvariantCulture, $"Request was throttled. Expected available in {seconds} seconds.");
        return Results.Json(new JsonObject { ["detail"] = detail, ["retry_after"] = seconds }, statusCode: 429);
    }
}
