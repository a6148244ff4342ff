using System.Diagnostics;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis.CSharp;

namespace ConversationLookup.Mutations;

/// <summary>A copy of the repository with every chosen fault in it, each behind its switch.</summary>
internal sealed partial class Workshop(string repository, string folder)
{
    private const string Core = "src/ConversationLookup";

    /// <summary>What the switch is: one fault is on in a process, and in those that it starts.</summary>
    private const string SwitchSource = """
        namespace ConversationLookup;

        public static class Mutant
        {
            private static readonly int Active = int.TryParse(System.Environment.GetEnvironmentVariable("CONVERSATION_LOOKUP_MUTANT"), out var id) ? id : 0;
            private static readonly string? Reached = System.Environment.GetEnvironmentVariable("CONVERSATION_LOOKUP_REACHED");
            private static readonly System.Collections.Concurrent.ConcurrentDictionary<int, bool> Noted = new();

            public static bool Is(int id)
            {
                if (Reached is not null && Noted.TryAdd(id, true))
                {
                    lock (Noted)
                        System.IO.File.AppendAllText(Reached, $"{id}\n");
                }

                return id == Active;
            }
        }
        """;

    private static readonly string[] Quickly = ["-p:TreatWarningsAsErrors=false", "-p:RunAnalyzers=false", "-p:EnforceCodeStyleInBuild=false", "-p:GenerateDocumentationFile=false", "-nodeReuse:false", "-v:q"];

    public string TestAssembly => Path.Combine(folder, "tests", "ConversationLookup.Tests", "bin", "Debug", "net10.0", "ConversationLookup.Tests.dll");

    /// <summary>Copies what Git knows.</summary>
    public async Task CopyAsync()
    {
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
        foreach (var file in (await RunAsync(repository, "git", "ls-files")).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var target = Path.Combine(folder, file);
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(Path.Combine(repository, file), target);
        }

        await File.WriteAllTextAsync(Path.Combine(folder, Core, "Mutant.cs"), SwitchSource);
    }

    /// <summary>Every fault that there could be in the files.</summary>
    public IReadOnlyList<Mutant> Find(Func<string, bool> isChosen)
    {
        var all = new List<Mutant>();
        foreach (var file in Sources().Where(isChosen))
            all.AddRange(Mutate(file, all.Count + 1, wanted: new HashSet<int>()).All);
        return all;
    }

    /// <summary>Builds with the chosen ones, and leaves out those that do not compile.</summary>
    public async Task<IReadOnlyList<Mutant>> BuildAsync(IReadOnlyList<Mutant> all, IReadOnlyList<Mutant> chosen)
    {
        for (var left = chosen.ToList(); ;)
        {
            Write(all, left.Select(mutant => mutant.Id).ToHashSet());
            var (exitCode, output) = await RunAsync(folder, "dotnet", ["build", "tests/ConversationLookup.Tests", .. Quickly]);
            if (exitCode == 0)
                return left;
            var faulty = Error().Matches(output).SelectMany(error => IdsAt(error.Groups["file"].Value, int.Parse(error.Groups["line"].Value, null))).ToHashSet();
            if (faulty.Count == 0)
                throw new InvalidOperationException(output);
            Console.WriteLine($"{faulty.Count} do not compile and are left out");
            left.RemoveAll(mutant => faulty.Contains(mutant.Id));
        }
    }

    /// <summary>Runs a program to its end, or ends it.</summary>
    /// <returns>Null as the exit code of one that was ended.</returns>
    public static async Task<(int? ExitCode, string Output)> RunAsync(
        string folder, string program, IEnumerable<string> arguments, TimeSpan? patience = null, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var output = Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        using var late = new CancellationTokenSource(patience ?? Timeout.InfiniteTimeSpan);
        try
        {
            await process.WaitForExitAsync(late.Token);
            return (process.ExitCode, string.Join('\n', await output));
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            return (null, "");
        }
    }

    private static Task<(int? ExitCode, string Output)> RunAsync(string folder, string program, params string[] arguments) => RunAsync(folder, program, arguments, patience: null);

    private IEnumerable<string> Sources() => Directory.EnumerateFiles(Path.Combine(repository, Core), "*.cs", SearchOption.AllDirectories)
        .Select(file => Path.GetRelativePath(repository, file).Replace('\\', '/'))
        .Where(file => file.Split('/') is [_, _, not ("bin" or "obj"), ..] and { Length: > 3 })
        .Order(StringComparer.Ordinal);

    private void Write(IReadOnlyList<Mutant> all, HashSet<int> wanted)
    {
        foreach (var file in all.GroupBy(mutant => mutant.File))
            File.WriteAllText(Path.Combine(folder, file.Key), Mutate(file.Key, file.First().Id, wanted).Text);
    }

    private (string Text, IReadOnlyList<Mutant> All) Mutate(string file, int firstId, IReadOnlySet<int> wanted)
    {
        var mutator = new Mutator(file, firstId, wanted);
        var mutated = mutator.Visit(CSharpSyntaxTree.ParseText(File.ReadAllText(Path.Combine(repository, file))).GetRoot());
        return (mutated.ToFullString(), mutator.All);
    }

    /// <summary>The ids in a line with an error, else those in the nearest line above.</summary>
    private static List<int> IdsAt(string file, int line)
    {
        var lines = File.ReadAllLines(file);
        for (var at = line - 1; at >= 0; at--)
        {
            var ids = SwitchId().Matches(lines[at]).Select(id => int.Parse(id.Groups["id"].Value, null)).ToList();
            if (ids.Count > 0)
                return ids;
        }

        return [];
    }

    [GeneratedRegex(@"^\s*(?<file>/[^(\n]+)\((?<line>\d+),\d+\): error CS", RegexOptions.Multiline)]
    private static partial Regex Error();

    [GeneratedRegex(@"Mutant\.Is\((?<id>\d+)\)")]
    private static partial Regex SwitchId();
}
