namespace ConversationLookup.Load.Storm;

/// <summary>What a storm is made of.</summary>
internal sealed record StormOptions
{
    /// <summary><c>worker</c>, the published function app behind the tests' host, or <c>localhost</c>; both are processes that can be killed.</summary>
    public string Target { get; init; } = "worker";

    /// <summary>Messages that contacts send.</summary>
    public int Events { get; init; } = 300;

    /// <summary>Flows that want every one of them.</summary>
    public int Flows { get; init; } = 3;

    /// <summary>Events a second; 0 for as fast as they are taken.</summary>
    public int Rate { get; init; } = 20;

    /// <summary>No more events than these on their way at a time: with thousands on its queues Azurite slows to a crawl.</summary>
    public int UnderWay { get; init; } = 400;

    /// <summary>Conversations that the events are spread over.</summary>
    public int Conversations { get; init; } = 997;

    /// <summary>Of a hundred calls to Wassist so many answer 500.</summary>
    public int UpstreamFaults { get; init; }

    /// <summary>Of a hundred callbacks so many answer 500, at most twice for one message: the third wait would be five minutes.</summary>
    public int CallbackFaults { get; init; }

    /// <summary>Seconds after which the first flow answers 200; 0 for a flow like the others.</summary>
    public int Slow { get; init; }

    /// <summary>Whether the last flow's packets are dropped.</summary>
    public bool Dead { get; init; }

    /// <summary>When storage answers nothing and for how long: <c>4@30,30@60</c> is 4 seconds after 30 percent of the events, and 30 after 60.</summary>
    public string Freeze { get; init; } = "";

    /// <summary>SIGKILLs of the target, spread evenly over the events that are told.</summary>
    public int Kills { get; init; }

    /// <summary>Seconds between the lookups of an interactive caller; 0 for none.</summary>
    public int LookupsEvery { get; init; }

    /// <summary><c>Wassist:RequestsPerMinute</c>; 0 for no limit.</summary>
    public int Budget { get; init; }

    /// <summary>Of a hundred messages so many come as both of Wassist's events, with different delivery ids.</summary>
    public int Both { get; init; }

    /// <summary>Of a hundred events so many are sent again under another delivery id.</summary>
    public int Replays { get; init; }

    /// <summary>What is at random is so by this.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Ends then, whatever is still under way.</summary>
    public double Minutes { get; init; } = 5;

    /// <exception cref="ArgumentException">An option that there is not.</exception>
    public static StormOptions Parse(string[] arguments)
    {
        var options = CommandLine.Parse<StormOptions>(arguments);
        return options.Target is "worker" or "localhost" ? options : throw new ArgumentException("The target is 'worker' or 'localhost'.");
    }

    /// <summary>The freezes in the order in which they come: after how many events, and for how long.</summary>
    public IReadOnlyList<(int AfterEvents, TimeSpan Length)> Freezes() =>
    [
        .. from part in Freeze.Split(',', StringSplitOptions.RemoveEmptyEntries)
           let numbers = part.Split('@')
           let after = Events * int.Parse(numbers[1], null) / 100
           orderby after
           select (after, TimeSpan.FromSeconds(double.Parse(numbers[0], System.Globalization.CultureInfo.InvariantCulture))),
    ];

    /// <summary>Whether something happens to the one of this name, in so many of a hundred cases: the same in every run with the same seed.</summary>
    public bool Chance(string name, int percent)
    {
        var hash = System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes($"{Seed} {name}"));
        return BitConverter.ToUInt32(hash) % 10000 < percent * 100;
    }
}
