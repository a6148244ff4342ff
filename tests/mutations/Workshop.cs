using System.Diagnostics;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace ConversationLookup.Mutations;

/// <summary>A copy of the repository with every chosen fault in it, each behind its switch.</summary>
internal sealed partial class Workshop(string repository, string folder)
{
    private const string Core = "src/ConversationLookup";

    private const string Output = "tests/ConversationLookup.Tests/bin/Debug/net10.0";

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
                        System.IO.File.AppendAllText(System.IO.Path.Combine(Reached, $"{System.Environment.ProcessId}"), $"{id}\n");
                }

                return id == Active;
            }
        }
        """;

    private static readonly string[] Quickly = ["-p:TreatWarningsAsErrors=false", "-p:RunAnalyzers=false", "-p:EnforceCodeStyleInBuild=false", "-p:GenerateDocumentationFile=false", "-nodeReuse:false", "-v:q"];

    public string TestAssembly => Path.Combine(folder, Output, "ConversationLookup.Tests.dll");

    /// <summary>Copies what Git knows, and what the tests installed for themselves: two that install at once would be in each other's way.</summary>
    public async Task CopyAsync()
    {
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
        var tools = Path.Combine(repository, Output, "tools");
        if (!Directory.Exists(tools))
            throw new InvalidOperationException("The tests have not installed their tools yet. Run `dotnet test` once.");
        var files = (await RunAsync(repository, "git", "ls-files")).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Concat(Directory.EnumerateFiles(tools, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(repository, file)));
        foreach (var file in files)
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
            return (process.ExitCode, string.Join('\n', await output.WaitAsync(late.Token)));
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            return (null, "");
        }
    }

    private static Task<(int? ExitCode, string Output)> RunAsync(string folder, string program, params string[] arguments) => RunAsync(folder, program, arguments, patience: null);

    private IEnumerable<string> Sources() => Directory.EnumerateFiles(Path.Combine(repository, "src"), "*.cs", SearchOption.AllDirectories)
        .Select(file => Path.GetRelativePath(repository, file).Replace('\\', '/'))
        .Where(file => file.Split('/') is [_, _, not ("bin" or "obj"), ..])
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

    /// <summary>The ids in a line with an error, else those in the member that it is in.</summary>
    private static List<int> IdsAt(string file, int line)
    {
        var text = SourceText.From(File.ReadAllText(file));
        var inLine = Ids(text.Lines[line - 1].ToString());
        return inLine.Count > 0
            ? inLine
            : CSharpSyntaxTree.ParseText(text).GetRoot().DescendantNodes().OfType<MemberDeclarationSyntax>()
                .Where(member => member.FullSpan.IntersectsWith(text.Lines[line - 1].Span))
                .Select(member => Ids(member.ToString())).LastOrDefault(ids => ids.Count > 0) ?? [];
    }

    private static List<int> Ids(string text) => [.. SwitchId().Matches(text).Select(id => int.Parse(id.Groups["id"].Value, null))];

    [GeneratedRegex(@"^\s*(?<file>/[^(\n]+)\((?<line>\d+),\d+\): error CS", RegexOptions.Multiline)]
    private static partial Regex Error();

    [GeneratedRegex(@"Mutant\.Is\((?<id>\d+)\)")]
    private static partial Regex SwitchId();
}
