using ConversationLookup.Load;
using ConversationLookup.Load.Faults;
using ConversationLookup.Load.Simulation;
using ConversationLookup.Load.Storm;

// `dotnet run -c Release --project tests/load` compares, as does `-- speed`; `upstream`, `yarp` and `witness` are what these start.
return args switch
{
    ["upstream", var url] => await Upstream.RunAsync(url),
    ["yarp", var url, var upstream] => await YarpPeer.RunAsync(url, upstream),
    ["witness", var url, var upstream, var secret, var seconds] => await Witness.RunAsync(url, upstream, secret, int.Parse(seconds, null)),
    ["crowd", .. var options] => await Crowd.RunAsync(options),
    ["storm", .. var options] => await StormRun.RunAsync(options),
    ["faults", .. var options] => await FaultsRun.RunAsync(options),
    ["growth", .. var options] => await Growth.RunAsync(options),
    ["instances", .. var options] => await Instances.RunAsync(options),
    ["sends", .. var options] => await Sends.RunAsync(options),
    ["files", .. var options] => await Files.RunAsync(options),
    ["purge", .. var options] => await Purge.RunAsync(options),
    ["simulate", .. var options] => SimulationReport.Run(options),
    [] or ["speed"] => await Comparison.RunAsync(rounds: 5, seconds: 8),
    ["speed", .. { Length: 2 } times] => await Comparison.RunAsync(int.Parse(times[0], null), int.Parse(times[1], null)),
    [var rounds, var seconds] => await Comparison.RunAsync(int.Parse(rounds, null), int.Parse(seconds, null)),
    _ => throw new ArgumentException("Say 'speed', with the number of rounds and the seconds of each measurement if wanted, or 'storm', 'faults', 'growth', 'purge', 'instances', 'sends', 'files', 'simulate' or 'crowd' with its options."),
};
