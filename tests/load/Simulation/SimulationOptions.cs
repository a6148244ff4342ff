namespace ConversationLookup.Load.Simulation;

/// <summary>What is simulated. The defaults were measured or are cited in <c>docs/scale.md</c>.</summary>
internal sealed record SimulationOptions
{
    /// <summary>Flows that want each event.</summary>
    public int Flows { get; init; } = 3;

    /// <summary>The busiest minutes have so many times the day's average.</summary>
    public double Peak { get; init; } = 3;

    /// <summary>Minutes that are counted, at most 3 where more than 100 events come in a second; as many go before.</summary>
    public double Minutes { get; init; } = 15;

    /// <summary>One request to storage, on average.</summary>
    public double StorageMs { get; init; } = 10;

    /// <summary>Processor time of one execution, as the storm program measured it.</summary>
    public double ProcessorMs { get; init; } = 7;

    /// <summary>One call to Wassist.</summary>
    public double WassistMs { get; init; } = 300;

    /// <summary>One answer of a flow.</summary>
    public double FlowMs { get; init; } = 200;

    /// <summary>Calls to Wassist a minute that events may make; 0 for no limit.</summary>
    public int Budget { get; init; } = 60;

    /// <summary>The parameter <c>maximumInstances</c>.</summary>
    public int Instances { get; init; } = 40;

    /// <summary>The parameter <c>instanceMemory</c>.</summary>
    public int MemoryMb { get; init; } = 2048;

    /// <summary>Storage accounts, each with both queues: 1 is what there is, more is what there could be.</summary>
    public int Accounts { get; init; } = 1;

    /// <summary>What is at random is so by this.</summary>
    public int Seed { get; init; } = 1;
}
