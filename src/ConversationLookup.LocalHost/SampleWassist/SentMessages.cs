using System.Collections.Concurrent;

namespace ConversationLookup.LocalHost.SampleWassist;

/// <summary>What was sent through the API, so that a person or a test can count what was sent twice.</summary>
public sealed class SentMessages
{
    private readonly ConcurrentQueue<SentMessage> _all = new();

    public void Add(SentMessage message) => _all.Enqueue(message);

    /// <summary><c>GET /simulate/sent</c>: the oldest first.</summary>
    public IResult List() => Results.Json(_all);
}

/// <param name="Text">Null for a template.</param>
/// <param name="Template">Its name; null for free text.</param>
/// <param name="IdempotencyKey">As the caller gave it. The sample does not act on it: that the real one does is not in its reference.</param>
public sealed record SentMessage(string ConversationId, string MessageId, string? Text, string? Template, string? IdempotencyKey);
