using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace ConversationLookup.Mutations;

/// <summary>Runs the tests that come to a fault.</summary>
/// <param name="folder">Where the copy is.</param>
/// <param name="longest">Who is asked about a fault costs no more than this together: what only a slower test notices wants a quicker one.</param>
internal sealed partial class Jury(Workshop workshop, string folder, TimeSpan longest)
{
    /// <summary>Left out: what does not run the app's code.</summary>
    private static readonly string[] NotAsked = ["Infrastructure", "Performance", "Support"];

    /// <summary>What is asked first, together: most faults need no more.</summary>
    private static readonly TimeSpan Quick = TimeSpan.FromSeconds(15);

    private readonly ConcurrentBag<Juror> _jurors = [];

    private string Heard => Path.Combine(folder, "jurors.json");

    /// <summary>Runs every class of tests once without a fault, and notes where it comes. One that fails then is not asked.</summary>
    public async Task HearAsync(ParallelOptions atOnce)
    {
        await Parallel.ForEachAsync(await ListAsync(), atOnce, HearAsync);
        await File.WriteAllTextAsync(Heard, JsonSerializer.Serialize(_jurors));
    }

    /// <summary>Recalls what an earlier run heard.</summary>
    public async Task RecallAsync()
    {
        foreach (var juror in JsonSerializer.Deserialize<Juror[]>(await File.ReadAllTextAsync(Heard))!)
            _jurors.Add(juror);
    }

    /// <summary>Whether a test notices the fault, and which: the quick ones are asked before the slow, and those of its own folder rather than others.</summary>
    public async Task<(Fate Fate, string By)> JudgeAsync(Mutant mutant)
    {
        var all = _jurors.Where(juror => juror.Reached.Contains(mutant.Id)).OrderBy(juror => juror.CostOf(mutant)).ToList();
        if (all.Count == 0)
            return (Fate.NotReached, "");
        var asked = Within(longest, all, mutant);
        var quick = Within(Quick, asked, mutant);
        return await JudgeAsync(mutant, quick) is var first && first.Fate is not Fate.Unnoticed || asked.Count == quick.Count
            ? first
            : await JudgeAsync(mutant, asked[quick.Count..]);
    }

    /// <summary>The first of them, and as many more as are within the limit.</summary>
    private static List<Juror> Within(TimeSpan limit, List<Juror> jurors, Mutant mutant)
    {
        var total = TimeSpan.Zero;
        return [.. jurors.TakeWhile((juror, index) => (total += juror.CostOf(mutant)) <= limit || index == 0)];
    }

    private async ValueTask HearAsync(string name, CancellationToken cancellationToken)
    {
        var reached = Directory.CreateDirectory(Path.Combine(folder, "reached", name)); // one file for each process
        var started = Stopwatch.GetTimestamp();
        var (exitCode, output) = await RunAsync([name], TimeSpan.FromMinutes(20), ("CONVERSATION_LOOKUP_REACHED", reached.FullName));
        if (exitCode != 0)
            Console.WriteLine($"Without a fault, {name} fails:\n{output}");
        else
            _jurors.Add(new Juror(name, [.. reached.EnumerateFiles().SelectMany(file => File.ReadLines(file.FullName)).Select(int.Parse)], Stopwatch.GetElapsedTime(started)));
    }

    private async Task<(Fate Fate, string By)> JudgeAsync(Mutant mutant, IReadOnlyList<Juror> asked)
    {
        var patience = (2 * TimeSpan.FromTicks(asked.Sum(juror => juror.Took.Ticks))) + TimeSpan.FromMinutes(1);
        var (exitCode, output) = await RunAsync(asked.Select(juror => juror.Name), patience, ("CONVERSATION_LOOKUP_MUTANT", $"{mutant.Id}"));
        return exitCode switch
        {
            0 => (Fate.Unnoticed, ""),
            null => (Fate.TimedOut, ""),
            _ => (Fate.Noticed, Failed().Match(output).Groups["test"].Value),
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

    [GeneratedRegex(@"ConversationLookup\.Tests\.(?<test>.+) \[FAIL\]")]
    private static partial Regex Failed();

    /// <summary>A class of tests, the faults that it comes to, and how long it takes.</summary>
    private sealed record Juror(string Name, HashSet<int> Reached, TimeSpan Took)
    {
        /// <summary>How long it takes; a quarter of that for what its folder is named after.</summary>
        public TimeSpan CostOf(Mutant mutant) => Took / (mutant.File.Split('/', '.').Contains(Name.Split('.')[2]) ? 4 : 1);
    }
}
