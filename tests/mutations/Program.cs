using System.Globalization;
using System.Reflection;
using System.Text.Json;
using ConversationLookup.Mutations;

// `dotnet run --project tests/mutations -- --folders Files,Secrets --count 50 --seed 1` puts 50 faults into these folders, one after another, and
// says which the tests notice. `--files CallbackClient,FlowDelivery` chooses files instead; without any, all of src. `--at-once 2` judges two
// at the same time. `--seconds 120` asks so long about each instead of a minute. `--resume true` goes on with the run before, which was stopped.
var options = args.Chunk(2).ToDictionary(pair => pair[0], pair => pair.Length == 2 ? pair[1] : throw new ArgumentException($"{pair[0]} has no value."));
string[] known = ["--folders", "--files", "--count", "--seed", "--work", "--at-once", "--seconds", "--resume"];
if (options.Keys.FirstOrDefault(option => !known.Contains(option)) is { } unknown)
    throw new ArgumentException($"There is no option '{unknown}'. There are: {string.Join(", ", known)}.");

var folders = options.GetValueOrDefault("--folders")?.Split(',') ?? [];
var files = options.GetValueOrDefault("--files")?.Split(',') ?? [];
var count = int.Parse(options.GetValueOrDefault("--count", "50"), CultureInfo.InvariantCulture);
var atOnce = new ParallelOptions { MaxDegreeOfParallelism = int.Parse(options.GetValueOrDefault("--at-once", "1"), CultureInfo.InvariantCulture) };
var random = new Random(int.Parse(options.GetValueOrDefault("--seed", "1"), CultureInfo.InvariantCulture));
var repository = typeof(Mutant).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(metadata => metadata.Key == "RepositoryRoot").Value!.TrimEnd('/');
var work = options.GetValueOrDefault("--work", Path.Combine(Path.GetTempPath(), "conversation-lookup-mutations"));

var (chosenFile, judgedFile) = (Path.Combine(work, "chosen.json"), Path.Combine(work, "judged.json"));

var workshop = new Workshop(repository, work);
var jury = new Jury(workshop, work, TimeSpan.FromSeconds(int.Parse(options.GetValueOrDefault("--seconds", "60"), CultureInfo.InvariantCulture)));
IReadOnlyList<Mutant> chosen;
var verdicts = new List<Verdict>();
if (options.GetValueOrDefault("--resume") == "true")
{
    chosen = JsonSerializer.Deserialize<Mutant[]>(await File.ReadAllTextAsync(chosenFile))!;
    await jury.RecallAsync();
    foreach (var line in File.Exists(judgedFile) ? await File.ReadAllLinesAsync(judgedFile) : [])
        verdicts.Add(JsonSerializer.Deserialize<Verdict>(line)!);
}
else
{
    await workshop.CopyAsync();
    var all = workshop.Find(file =>
        (folders.Length == 0 || folders.Intersect(file.Split('/')[..^1]).Any()) && (files.Length == 0 || files.Contains(Path.GetFileNameWithoutExtension(file))));
    var shuffled = all.ToArray();
    random.Shuffle(shuffled);
    Console.WriteLine($"{all.Count} faults are possible, {Math.Min(count, all.Count)} are chosen (seed {options.GetValueOrDefault("--seed", "1")})");
    chosen = await workshop.BuildAsync(all, shuffled[..Math.Min(count, all.Count)]);
    await File.WriteAllTextAsync(chosenFile, JsonSerializer.Serialize(chosen));
    await jury.HearAsync(atOnce);
}

await Parallel.ForEachAsync(chosen.ExceptBy(verdicts.Select(verdict => verdict.Mutant.Id), mutant => mutant.Id).ToList(), atOnce, async (mutant, _) =>
{
    var (fate, by) = await jury.JudgeAsync(mutant);
    var verdict = new Verdict(mutant, fate);
    lock (verdicts)
    {
        verdicts.Add(verdict);
        File.AppendAllText(judgedFile, JsonSerializer.Serialize(verdict) + "\n");
        Console.WriteLine($"{verdicts.Count,4}/{chosen.Count} {fate,-10} {mutant.File}:{mutant.Line} {mutant.Kind}: {mutant.Code}{(by.Length > 0 ? $"  <- {by}" : "")}");
    }
});

var fates = verdicts.OrderBy(verdict => verdict.Mutant.Id).ToList();
Console.WriteLine();
Console.WriteLine("| file | noticed | of |");
Console.WriteLine("| --- | --- | --- |");
foreach (var file in fates.GroupBy(one => one.Mutant.File))
    Console.WriteLine($"| {Path.GetFileName(file.Key)} | {file.Count(IsNoticed)} | {file.Count()} |");
Console.WriteLine($"| all | {fates.Count(IsNoticed)} ({fates.Count(IsNoticed) / (double)fates.Count:P0}) | {fates.Count} |");
return 0;

static bool IsNoticed(Verdict one) => one.Fate is Fate.Noticed or Fate.TimedOut;
