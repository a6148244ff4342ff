using ConversationLookup.Load;

// `dotnet run -c Release --project tests/load` compares, with `crowd` it crowds the door; the other words are what these start.
return args switch
{
    ["upstream", var url] => await Upstream.RunAsync(url),
    ["yarp", var url, var upstream] => await YarpPeer.RunAsync(url, upstream),
    ["crowd", .. var options] => await Crowd.RunAsync(options),
    ["witness", var url, var upstream, var secret, var seconds] => await Witness.RunAsync(url, upstream, secret, int.Parse(seconds, null)),
    [] => await Comparison.RunAsync(rounds: 5, seconds: 8),
    [var rounds, var seconds] => await Comparison.RunAsync(int.Parse(rounds, null), int.Parse(seconds, null)),
    _ => throw new ArgumentException("Run it without arguments, or with the number of rounds and the seconds of each measurement; or with 'crowd'."),
};
