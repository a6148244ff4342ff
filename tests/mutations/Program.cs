using System.Collections.Concurrent;
using System.Globalization;
using System.Reflection;
using ConversationLookup.Mutations;

// `dotnet run --project tests/mutations -- --folders Files,Secrets --count 50 --seed 1` puts 50 faults into these folders, one after another, and
// says which the tests notice. `--files CallbackClient,FlowDelivery` chooses files instead; without any, all of src. `--at-once 2` judges two
// at the same time.
var options = args.Chunk(2).ToDictionary(pair => pair[0], pair => pair.Length == 2 ? pair[1] : throw new ArgumentException($"{pair[0]} has no value."));
string[] known = ["--folders", "--files", "--count", "--seed", "--work", "--at-once"];
if (options.Keys.FirstOrDefault(option => !known.Contains(option)) is { } unknown)
    throw new ArgumentException($"There is no option '{unknown}'. There are: {string.Join(", ", known)}.");

var folders = options.GetValueOrDefault("--folders")?.Split(',') ?? [];
var files = options.GetValueOrDefault("--files")?.Split(',') ?? [];
var count = int.Parse(options.GetValueOrDefault("--count", "50"), CultureInfo.InvariantCulture);
var atOnce = new ParallelOptions { MaxDegreeOfParallelism = int.Parse(options.GetValueOrDefault("--at-once", "1"), CultureInfo.InvariantCulture) };
var random = new Random(int.Parse(options.GetValueOrDefault("--seed", "1"), CultureInfo.InvariantCulture));
var repository = typeof(Mutant).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(metadata => metadata.Key == "RepositoryRoot").Value!.TrimEnd('/');
var work = options.GetValueOrDefault("--work", Path.Combine(Path.GetTempPath(), "conversation-lookup-mutations"));

var workshop = new Workshop(repository, work);
await workshop.CopyAsync();
var all = workshop.Find(file =>
    (folders.Length == 0 || folders.Intersect(file.Split('/')[..^1]).Any()) && (files.Length == 0 || files.Contains(Path.GetFileNameWithoutExtension(file))));
var shuffled = all.ToArray();
random.Shuffle(shuffled);
Console.WriteLine($"{all.Count} faults are possible, {Math.Min(count, all.Count)} are chosen (seed {options.GetValueOrDefault("--seed", "1")})");
var chosen = await workshop.BuildAsync(all, shuffled[..Math.Min(count, all.Count)]);

var jury = new Jury(workshop, work);
await jury.HearAsync(atOnce);
var verdicts = new ConcurrentBag<(Mutant Mutant, Fate Fate)>();
await Parallel.ForEachAsync(chosen, atOnce, async (mutant, _) =>
{
    var (fate, by) = await jury.JudgeAsync(mutant);
    verdicts.Add((mutant, fate));
    Console.WriteLine($"{verdicts.Count,4}/{chosen.Count} {fate,-10} {mutant.File}:{mutant.Line} {mutant.Kind}: {mutant.Code}{(by.Length > 0 ? $"  <- {by}" : "")}");
});

var fates = verdicts.OrderBy(verdict => verdict.Mutant.Id).ToList();
Console.WriteLine();
Console.WriteLine("| file | noticed | of |");
Console.WriteLine("| --- | --- | --- |");
foreach (var file in fates.GroupBy(one => one.Mutant.File))
    Console.WriteLine($"| {Path.GetFileName(file.Key)} | {file.Count(IsNoticed)} | {file.Count()} |");
Console.WriteLine($"| all | {fates.Count(IsNoticed)} ({fates.Count(IsNoticed) / (double)fates.Count:P0}) | {fates.Count} |");
return 0;

static bool IsNoticed((Mutant Mutant, Fate Fate) one) => one.Fate is Fate.Noticed or Fate.TimedOut;
