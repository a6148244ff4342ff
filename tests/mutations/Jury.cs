using System.Diagnostics;

namespace ConversationLookup.Mutations;

/// <summary>Runs the tests that a folder's code should have noticed a fault by.</summary>
internal sealed class Jury(Workshop workshop, string folder)
{
    /// <summary>The namespaces of tests for each folder of the core, where it is not the one of the same name alone.</summary>
    private static readonly Dictionary<string, string[]> Namespaces = new()
    {
        ["Bytes"] = ["Webhooks", "Wassist", "Conversations"],
        ["Conversations"] = ["Conversations", "Connector"],
        ["Definition"] = ["Connector", "Agents"],
        ["Delivery"] = ["Delivery", "Webhooks", "Subscriptions"],
        ["Health"] = ["LocalHost", "Webhooks", "Guardian", "Telemetry"],
        ["Http"] = ["Conversations", "Webhooks", "Subscriptions", "Actions"],
        ["Json"] = ["Wassist", "Conversations", "Webhooks"],
        ["Problems"] = ["Conversations", "Subscriptions", "Actions"],
        ["Secrets"] = ["Secrets", "Webhooks", "Telemetry"],
        ["Settings"] = ["LocalHost"],
        ["Storage"] = ["Storage", "Subscriptions", "Webhooks", "Delivery"],
        ["Subscriptions"] = ["Subscriptions", "Delivery"],
        ["Wassist"] = ["Wassist", "Conversations", "Secrets"],
        ["Webhooks"] = ["Webhooks", "Delivery"],
    };

    private readonly Dictionary<string, (HashSet<int> Reached, TimeSpan Took)> _first = [];

    /// <summary>Runs them once without a fault, and notes where they come.</summary>
    /// <exception cref="InvalidOperationException">They fail without one.</exception>
    public async Task HearAsync(string of)
    {
        var reached = Path.Combine(folder, $"reached-{of}.txt");
        File.Delete(reached);
        var started = Stopwatch.GetTimestamp();
        var (exitCode, output) = await RunAsync(of, TimeSpan.FromMinutes(20), ("CONVERSATION_LOOKUP_REACHED", reached));
        if (exitCode != 0)
            throw new InvalidOperationException($"Without a fault, the tests of {of} fail:\n{output}");
        _first[of] = (File.Exists(reached) ? [.. File.ReadLines(reached).Select(int.Parse)] : [], Stopwatch.GetElapsedTime(started));
    }

    /// <summary>Whether a test notices the fault.</summary>
    public async Task<Fate> JudgeAsync(Mutant mutant)
    {
        var (reached, took) = _first[mutant.Folder];
        if (!reached.Contains(mutant.Id))
            return Fate.NotReached;
        var (exitCode, _) = await RunAsync(mutant.Folder, (2 * took) + TimeSpan.FromSeconds(60), ("CONVERSATION_LOOKUP_MUTANT", $"{mutant.Id}"));
        return exitCode switch
        {
            0 => Fate.Unnoticed,
            null => Fate.TimedOut,
            _ => Fate.Noticed,
        };
    }

    private Task<(int? ExitCode, string Output)> RunAsync(string of, TimeSpan patience, (string Name, string Value) environment)
    {
        var filters = Namespaces.GetValueOrDefault(of, [of]).SelectMany(name => (string[])["-namespace", $"ConversationLookup.Tests.{name}"]);
        return Workshop.RunAsync(folder, "dotnet", [workshop.TestAssembly, .. filters, "-stopOnFail"], patience, environment);
    }
}
