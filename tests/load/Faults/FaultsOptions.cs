namespace ConversationLookup.Load.Faults;

/// <summary>What lookups go through. Every option is a property, written <c>--leave-percent 5</c>.</summary>
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

    /// <exception cref="ArgumentException">An option that there is not.</exception>
    public static FaultsOptions Parse(string[] arguments)
    {
        var configuration = new ConfigurationBuilder().AddCommandLine(
            [.. arguments.Select(argument => argument.StartsWith("--", StringComparison.Ordinal) ? "--" + argument[2..].Replace("-", "", StringComparison.Ordinal) : argument)]).Build();
        var known = typeof(FaultsOptions).GetProperties().Select(property => property.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
        return configuration.AsEnumerable().Select(option => option.Key).FirstOrDefault(option => !known.Contains(option)) is { } unknown
            ? throw new ArgumentException($"There is no option '{unknown}'. There are: {string.Join(", ", known.Order())}.")
            : configuration.Get<FaultsOptions>() ?? new FaultsOptions();
    }
}
