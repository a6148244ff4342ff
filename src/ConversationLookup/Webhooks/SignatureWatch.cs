using ConversationLookup.Telemetry;

namespace ConversationLookup.Webhooks;

/// <summary>Counts what signatures webhooks come with, and notices when the secret at hand is not Wassist's any more.</summary>
public sealed class SignatureWatch(LookupMetrics metrics, TimeProvider time)
{
    /// <summary>How long one signature that nobody knows is worth a look: longer than Wassist tries, so that it is still seen afterwards.</summary>
    public static readonly TimeSpan Memory = TimeSpan.FromMinutes(15);

    private long _unknownAt = DateTimeOffset.MinValue.UtcTicks;
    private long _knownAt = DateTimeOffset.MinValue.UtcTicks;

    /// <summary>
    /// Whether a webhook came lately that another secret than ours has signed, and since then none that ours has: a rotation that is not
    /// finished, or a forgery.
    /// </summary>
    public bool IsSecretInDoubt =>
        Volatile.Read(ref _unknownAt) is var unknownAt && unknownAt > Volatile.Read(ref _knownAt) && time.GetUtcNow().UtcTicks - unknownAt < Memory.Ticks;

    /// <param name="fault">What is wrong with a header, as <see cref="WebhookSignature.Parse"/> says.</param>
    public void Faulty(string fault) => metrics.Signature(fault);

    /// <summary>It was made with the secret in the vault.</summary>
    public void Known()
    {
        metrics.Signature("valid");
        Volatile.Write(ref _knownAt, time.GetUtcNow().UtcTicks);
    }

    /// <summary>It was made in time, but not with the secret in the vault.</summary>
    public void Unknown()
    {
        metrics.Signature("unknown");
        Volatile.Write(ref _unknownAt, time.GetUtcNow().UtcTicks);
    }
}
