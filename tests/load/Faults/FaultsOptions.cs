namespace ConversationLookup.Load.Faults;

/// <summary>What lookups go through.</summary>
internal sealed record FaultsOptions
{
    /// <summary>Lookups in all.</summary>
    public int Lookups { get; init; } = 100_000;

    /// <summary>Callers at a time, each with a connection of its own and one lookup after another.</summary>
    public int Connections { get; init; } = 256;

    /// <summary>Conversations that are looked up.</summary>
    public int Conversations { get; init; } = 2_000;

    /// <summary>Of a hundred lookups so many say <c>Cache-Control: no-cache</c>.</summary>
    public int FreshPercent { get; init; } = 20;

    /// <summary>Of a hundred callers so many leave within a third of a second.</summary>
    public int LeavePercent { get; init; } = 3;

    /// <summary>Seconds from one API key to the next; 0 for one key.</summary>
    public int RotateEvery { get; init; } = 45;

    /// <summary>Seconds for which Wassist answers nothing but 503, in the middle: after half a minute the circuit opens. 0 for none.</summary>
    public double Outage { get; init; } = 40;

    /// <summary>What is at random is so by this.</summary>
    public int Seed { get; init; } = 1;
}
