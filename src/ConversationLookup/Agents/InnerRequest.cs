using System.Buffers;
using System.Text;
using System.Text.Json;
using ConversationLookup.Definition;
using ConversationLookup.Files;
using ConversationLookup.Problems;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;

namespace ConversationLookup.Agents;

/// <summary>A tool's call as the request that a flow would have made, so that both are checked and answered by the same code.</summary>
internal static class InnerRequest
{
    /// <summary>The arguments where the operation has them. Null is the same as not given, as in every body.</summary>
    public static HttpRequest For(DefinedOperation operation, IDictionary<string, JsonElement> arguments, CancellationToken cancellationToken)
    {
        var context = new DefaultHttpContext();
        context.Features.Set<IHttpRequestLifetimeFeature>(new InnerLifetime { RequestAborted = cancellationToken });
        var request = context.Request;
        var query = new Dictionary<string, StringValues>();
        var body = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(body))
        {
            writer.WriteStartObject();
            foreach (var parameter in operation.Parameters)
            {
                var isGiven = arguments.TryGetValue(parameter.Name, out var value) && value.ValueKind is not JsonValueKind.Null;
                if (parameter.Place == "path")
                {
                    request.RouteValues[parameter.Name] = isGiven ? ToText(value) : "";
                }
                else if (isGiven && parameter.Place == "query")
                {
                    query[parameter.Name] = ToText(value);
                }
                else if (isGiven)
                {
                    writer.WritePropertyName(parameter.Name);
                    writer.WriteRawValue(value.GetRawText()); // as it was sent: whoever reads the body says what is wrong with it
                }
            }

            writer.WriteEndObject();
        }

        request.Method = operation.Method;
        request.Path = operation.Path;
        request.Query = new QueryCollection(query);
        if (operation.Method == HttpMethods.Post)
            (request.Body, request.ContentLength, request.ContentType) = (new MemoryStream(body.WrittenSpan.ToArray()), body.WrittenCount, "application/json");
        return request;
    }

    /// <summary>As it would stand in an address. What is no text, number or flag stays JSON, which no parameter takes.</summary>
    private static string ToText(JsonElement value) => value.ValueKind is JsonValueKind.String ? value.GetString()! : value.GetRawText();
}

/// <summary>Remembers that an answer was broken off, which a connection would show.</summary>
internal sealed class InnerLifetime : IHttpRequestLifetimeFeature
{
    public CancellationToken RequestAborted { get; set; }

    public bool IsBroken { get; private set; }

    public void Abort() => IsBroken = true;
}

/// <summary>What a handler answered to an inner request.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="ContentType">The body's.</param>
/// <param name="Body">All of it.</param>
public sealed record InnerAnswer(int Status, string ContentType, byte[] Body)
{
    /// <summary>What the body is called where it is a file.</summary>
    public string? FileName { get; private init; }

    public bool IsProblem => Status >= StatusCodes.Status400BadRequest;

    public string Text => Encoding.UTF8.GetString(Body);

    /// <exception cref="ProblemException"><c>media_unavailable</c>: the answer is a file that broke off.</exception>
    internal static async Task<InnerAnswer> ReadAsync(IResult result, HttpContext context)
    {
        using var body = new MemoryStream();
        context.Response.Body = body;
        await result.ExecuteAsync(context);
        if (context.Features.Get<IHttpRequestLifetimeFeature>() is InnerLifetime { IsBroken: true })
            throw new ProblemException(Catalogue.MediaUnavailable("the file broke off")); // nothing else is passed on while it arrives
        return new InnerAnswer(context.Response.StatusCode, context.Response.ContentType ?? "", body.ToArray()) { FileName = context.Response.Headers[FileResult.NameHeader] };
    }
}
