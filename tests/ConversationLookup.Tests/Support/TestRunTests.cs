using System.Diagnostics;

namespace ConversationLookup.Tests.Support;

/// <summary>A run of these tests leaves nothing behind, even where somebody kills it.</summary>
public sealed class TestRunTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("KILL")]
    [InlineData("TERM")] // from `timeout`, or who stops a job
    [InlineData("INT")] // Ctrl+C
    public async Task A_run_that_is_ended_from_outside_ends_at_once_and_leaves_neither_a_process_nor_a_file(string signal)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "It takes /proc.");
        Programs.RequireOrSkip("npx", "npm");
        var folder = Directory.CreateTempSubdirectory("run-").FullName;

        // What a shell runs in the background ignores Ctrl+C, and so would all that it starts.
        var start = new ProcessStartInfo("env", ["--default-signal=INT", "dotnet", "exec", typeof(TestRunTests).Assembly.Location, "-class", typeof(LocalHost.QueueWorkerTests).FullName!])
        {
            RedirectStandardOutput = true,
            Environment = { ["TMPDIR"] = folder },
        };
        using var run = Process.Start(start)!;
        try
        {
            while (!StartedIn(folder).Any(command => command.Contains("azurite", StringComparison.Ordinal)))
            {
                Assert.False(run.HasExited);
                await Task.Delay(50, Token);
            }

            using var kill = Process.Start("sh", ["-c", $"kill -{signal} {run.Id}"]);
            await run.WaitForExitAsync(Token);
            Assert.Equal(128 + 9, run.ExitCode);
        }
        finally
        {
            run.Kill(); // where it did not end, or this test's time is over
        }

        await Eventually.IsSoAsync(
            () => !StartedIn(folder).Any() && !Directory.EnumerateDirectories(folder, $"{TestRun.Prefix}*").Any(), TimeSpan.FromMilliseconds(50));
    }

    [Theory]
    [InlineData(null, false)]
    [InlineData("/tmp", false)]
    [InlineData("/tmp/lookup-tests-a1B2c3", true)]
    [InlineData("/tmp/lookup-tests-a1B2c3/", true)]
    [InlineData("/tmp/lookup-tests-a1B2c3/run-x", false)]
    public void A_process_that_has_a_runs_folder_is_a_part_of_that_run(string? folder, bool isPart) => Assert.Equal(isPart, TestRun.IsOfARun(folder));

    [Fact]
    public void The_folder_of_a_run_is_no_other_runs()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "It takes /proc.");
        Assert.True(TestRun.IsOfARun(Path.GetTempPath()));
        Assert.False(TestRun.IsOfARun(Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(Path.GetTempPath()))));
    }

    /// <summary>What cleans up finds a process by its environment, over which Redis would write a title.</summary>
    [Fact]
    public async Task A_Redis_that_listens_is_known_as_one_of_its_run()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "It takes /proc.");
        await using var redis = await RedisServer.StartOrSkipAsync();

        Assert.Contains(StartedIn(Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(Path.GetTempPath()))!), command => command.Contains(redis.Address.Split(':')[1], StringComparison.Ordinal));
    }

    /// <summary>The command lines of the processes that a run with this temporary folder started.</summary>
    private static IEnumerable<string> StartedIn(string folder)
    {
        foreach (var process in Directory.EnumerateDirectories("/proc").Where(path => int.TryParse(Path.GetFileName(path), out _)))
        {
            var (variables, command) = ("", "");
            try
            {
                variables = File.ReadAllText(Path.Combine(process, "environ"));
                command = File.ReadAllText(Path.Combine(process, "cmdline"));
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // It is gone, or somebody else's.
            }

            if (variables.Contains($"TMPDIR={folder}/", StringComparison.Ordinal))
                yield return command;
        }
    }
}
