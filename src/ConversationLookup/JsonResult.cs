using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;

namespace ConversationLookup;

/// <summary>
/// A payload, serialized before any of it is sent: a failure half way would reach the caller as a 200 with half a body. It has no
/// public properties, because the Functions worker serializes the result object as well as running it.
/// </summary>
internal sealed class JsonResult : IResult
{
    private readonly int _status;
    private readonly byte[] _body;
    private readonly string? _location;

    private JsonResult(int status, byte[] body, string? location) => (_status, _body, _location) = (status, body, location);

    /// <param name="status">The HTTP status.</param>
    /// <param name="payload">What to say.</param>
    /// <param name="typeInfo">How to write it.</param>
    /// <param name="location">For the <c>Location</c> header of a 201; absolute.</param>
    public static JsonResult From<T>(int status, T payload, JsonTypeInfo<T> typeInfo, string? location = null) =>
        new(status, JsonSerializer.SerializeToUtf8Bytes(payload, typeInfo), location);

    public Task ExecuteAsync(HttpContext httpContext)
    {
        if (_location is not null)
            httpContext.Response.Headers.Location = _location;
        return httpContext.Response.WriteJsonAsync(_status, "application/json; charset=utf-8", _body);
    }
}

/// <summary>How every JSON answer leaves, payload or problem.</summary>
internal static class JsonAnswer
{
    public static Task WriteJsonAsync(this HttpResponse response, int status, string contentType, byte[] body)
    {
        response.StatusCode = status;
        response.ContentType = contentType;
        response.ContentLength = body.Length;
        response.Headers.CacheControl = "no-store"; // phone numbers and message text: not for a proxy's disk
        response.Headers.XContentTypeOptions = "nosniff";
        return response.Body.WriteAsync(body, response.HttpContext.RequestAborted).AsTask();
    }
}
