namespace ConversationLookup.Telemetry;

/// <summary>
/// A request that traces have a span of. No other one has: polling a queue is not worth one, and the addresses of storage are
/// capabilities.
/// </summary>
/// <param name="method">The verb.</param>
/// <param name="address">Where to.</param>
/// <param name="shown">How much of the address a span may show.</param>
public sealed class TracedRequest(HttpMethod method, Uri address, UriPartial shown) : HttpRequestMessage(method, address)
{
    public string ShownAddress => RequestUri!.GetLeftPart(shown);
}
