namespace ConversationLookup.Guardian;

/// <summary>What the guardian found, and where it goes on: the same for all instances.</summary>
public sealed record GuardianState
{
    /// <summary>One of <see cref="WebhookOutcomes"/>; what was found last while Wassist does not answer.</summary>
    public string Outcome { get; init; } = WebhookOutcomes.NotAnswered;

    /// <summary>What is so, and what to do.</summary>
    public string Detail { get; init; } = "";

    /// <summary>The same of a silence; empty while there is none.</summary>
    public string Silence { get; init; } = "";

    /// <summary>When Wassist answered last, or did not have to.</summary>
    public DateTimeOffset? LookedAt { get; init; }

    /// <summary>From when on a silence counts: since then it is watched for, and flows subscribe.</summary>
    public DateTimeOffset? ListensFrom { get; init; }

    /// <summary>Deliveries from before this are done with.</summary>
    public DateTimeOffset? ReplaysFrom { get; init; }

    /// <summary>The key that <see cref="RestsUntil"/> and <see cref="ReplaysRestUntil"/> are about, by its hash: another one may be allowed more.</summary>
    public string Key { get; init; } = "";

    /// <summary>Until when Wassist is not asked for webhooks, because the key may not.</summary>
    public DateTimeOffset? RestsUntil { get; init; }

    /// <summary>The same for deliveries.</summary>
    public DateTimeOffset? ReplaysRestUntil { get; init; }

    /// <summary>How many replays were tried since a delivery arrived last.</summary>
    public int Trials { get; init; }

    /// <summary>When the next one may be tried.</summary>
    public DateTimeOffset? TrialsFrom { get; init; }

    /// <summary>What an operator is told: of a silence only where nothing else explains it.</summary>
    public (string Outcome, string Detail) Told =>
        Silence.Length > 0 && !WebhookOutcomes.Faults.Contains(Outcome) ? (WebhookOutcomes.Silent, Silence) : (Outcome, Detail);

    public bool IsFault => WebhookOutcomes.Faults.Contains(Told.Outcome);
}
