using System.Diagnostics;

namespace ConversationLookup.Mutations;

/// <summary>Runs the tests that come to a fault.</summary>
internal sealed class Jury(Workshop workshop, string folder)
{
    /// <summary>Left out: tests of pages, of other processes that take long to start, and of what is not the core.</summary>
    private static readonly string[] NotAsked = ["Documents", "EndToEnd", "Functions", "Inbox", "Infrastructure", "Performance", "Support"];

    /// <summary>What is asked first, together: most faults need no more.</summary>
    private static readonly TimeSpan Quick = TimeSpan.FromSeconds(15);

    private readonly List<Juror> _jurors = [];

    /// <summary>Runs every class of tests once without a fault, and notes where it comes.</summary>
    /// <exception cref="InvalidOperationException">It fails without one.</exception>
    public async Task HearAsync()
    {
        var reached = Path.Combine(folder, "reached.txt");
        foreach (var name in await ListAsync())
        {
            File.Delete(reached);
            var started = Stopwatch.GetTimestamp();
            var (exitCode, output) = await RunAsync([name], TimeSpan.FromMinutes(20), ("CONVERSATION_LOOKUP_REACHED", reached));
            if (exitCode != 0)
                throw new InvalidOperationException($"Without a fault, {name} fails:\n{output}");
            if (File.Exists(reached))
                _jurors.Add(new Juror(name, [.. File.ReadLines(reached).Select(int.Parse)], Stopwatch.GetElapsedTime(started)));
        }
    }

    /// <summary>Whether a test notices the fault; the quick ones are asked first.</summary>
    public async Task<Fate> JudgeAsync(Mutant mutant)
    {
        var asked = _jurors.Where(juror => juror.Reached.Contains(mutant.Id)).OrderBy(juror => juror.Took).ToList();
        if (asked.Count == 0)
            return Fate.NotReached;
        var total = TimeSpan.Zero;
        var quick = asked.TakeWhile((juror, index) => (total += juror.Took) <= Quick || index == 0).ToList();
        return await JudgeAsync(mutant, quick) is var first && first is not Fate.Unnoticed || asked.Count == quick.Count
            ? first
            : await JudgeAsync(mutant, asked[quick.Count..]);
    }

    private async Task<Fate> JudgeAsync(Mutant mutant, IReadOnlyList<Juror> asked)
    {
        var patience = (2 * TimeSpan.FromTicks(asked.Sum(juror => juror.Took.Ticks))) + TimeSpan.FromMinutes(1);
        var (exitCode, _) = await RunAsync(asked.Select(juror => juror.Name), patience, ("CONVERSATION_LOOKUP_MUTANT", $"{mutant.Id}"));
        return exitCode switch
        {
            0 => Fate.Unnoticed,
            null => Fate.TimedOut,
            _ => Fate.Noticed,
        };
    }

    private async Task<IReadOnlyList<string>> ListAsync()
    {
        var (_, output) = await Workshop.RunAsync(folder, "dotnet", [workshop.TestAssembly, "-list", "classes"]);
        return
        [
            .. output.Split('\n').Select(line => line.Trim())
                .Where(line => line.StartsWith("ConversationLookup.Tests.", StringComparison.Ordinal) && !NotAsked.Contains(line.Split('.')[2])),
        ];
    }

    private Task<(int? ExitCode, string Output)> RunAsync(IEnumerable<string> classes, TimeSpan patience, (string Name, string Value) environment) => Workshop.RunAsync(
        folder, "dotnet", [workshop.TestAssembly, .. classes.SelectMany(name => (string[])["-class", name]), "-stopOnFail"], patience, environment);

    /// <summary>A class of tests, the faults that it comes to, and how long it takes.</summary>
    private sealed record Juror(string Name, HashSet<int> Reached, TimeSpan Took);
}
