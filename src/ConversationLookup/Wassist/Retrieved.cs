using System.ComponentModel;

namespace ConversationLookup.Wassist;

/// <summary>What Wassist answered, and when.</summary>
/// <param name="Value">What was read.</param>
/// <param name="AskedAt">When the question was asked: what happened before is in the answer.</param>
/// <param name="RetrievedAt">When the answer arrived.</param>
/// <remarks>Deeply immutable, and marked so: HybridCache then hands out this object instead of a fresh copy for every caller.</remarks>
[ImmutableObject(true)]
public sealed record Retrieved<T>(T Value, DateTimeOffset AskedAt, DateTimeOffset RetrievedAt);
