using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using ConversationLookup.Json;
using Microsoft.AspNetCore.Http;

namespace ConversationLookup.Http;

/// <summary>
/// A payload, serialized before any of it is sent: a failure half way would reach the caller as a 200 with half a body. It has no
/// public properties, because the Functions worker serializes the result object as well as running it.
/// </summary>
public sealed class JsonResult(int status, byte[] body, string? location) : IResult
{
    /// <param name="status">The HTTP status.</param>
    /// <param name="payload">What to say.</param>
    /// <param name="typeInfo">How to write it.</param>
    /// <param name="location">For the <c>Location</c> header of a 201; absolute.</param>
    public static JsonResult From<T>(int status, T payload, JsonTypeInfo<T> typeInfo, string? location = null) =>
        new(status, JsonSerializer.SerializeToUtf8Bytes(payload, typeInfo), location);

    /// <param name="payload">What to say with a 200.</param>
    public static JsonResult From(JsonObject payload) => From(StatusCodes.Status200OK, payload, HttpJson.Payload.JsonObject);

    public Task ExecuteAsync(HttpContext httpContext)
    {
        if (location is not null)
            httpContext.Response.Headers.Location = location;
        return httpContext.Response.WriteJsonAsync(status, "application/json; charset=utf-8", body);
    }
}

/// <summary>How every answer with a body leaves.</summary>
public static class AnswerBodies
{
    /// <summary>Has nobody on the way keep it, and no browser take it for another type.</summary>
    public static void KeepPrivate(this HttpResponse response)
    {
        response.Headers.CacheControl = "no-store"; // phone numbers and message text: not for a proxy's disk
        response.Headers.XContentTypeOptions = "nosniff";
    }

    /// <summary>JSON, payload or problem.</summary>
    public static Task WriteJsonAsync(this HttpResponse response, int status, string contentType, byte[] body)
    {
        response.StatusCode = status;
        response.ContentType = contentType;
        response.ContentLength = body.Length;
        response.KeepPrivate();
        return response.Body.WriteAsync(body, response.HttpContext.RequestAborted).AsTask();
    }
}

/// <summary>What any route may answer.</summary>
[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(JsonObject))]
[JsonSerializable(typeof(ProblemBody))]
public sealed partial class HttpJson : JsonSerializerContext
{
    public static HttpJson Payload { get; } = new(PayloadJson.Options());
}
