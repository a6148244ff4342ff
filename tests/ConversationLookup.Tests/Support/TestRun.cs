using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ConversationLookup.Tests.Support;

/// <summary>
/// A run of the tests has a temporary folder of its own and an end. However it ends, killed included, its folder and every process that
/// it started go with it. On Linux: it takes <c>/proc</c>.
/// </summary>
internal static class TestRun
{
    /// <summary>Short, for the browser has a socket below it, whose path may have 107 characters.</summary>
    public const string Prefix = "lookup-tests-";

    /// <summary>For the whole run; several times what it takes where a second run is beside it.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(40);

    /// <summary>
    /// Reads from this process until it is gone. Whatever is left of the run then has the folder in its environment. Twice, for what was
    /// being started.
    /// </summary>
    private const string CleanUp = """
        exec >/dev/null 2>&1
        cat
        for pass in 1 2; do
          for process in $(grep -lzxF "TMPDIR=$1" /proc/[0-9]*/environ); do
            process=${process#/proc/}
            kill -9 "${process%/environ}"
          done
          sleep 0.2
        done
        rm -rf "$1"
        """;

    private static readonly List<PosixSignalRegistration> Signals = [];

    [ModuleInitializer]
    public static void Begin()
    {
        if (!OperatingSystem.IsLinux() || IsOfARun(Environment.GetEnvironmentVariable("TMPDIR")))
            return;
        var folder = Directory.CreateTempSubdirectory(Prefix).FullName;

        // In a session of its own: what ends a group of processes is not to end the one that cleans up after it.
        var cleaner = Process.Start(new ProcessStartInfo("setsid", ["sh", "-c", CleanUp, "sh", folder]) { RedirectStandardInput = true, WorkingDirectory = "/" });
        Environment.SetEnvironmentVariable("TMPDIR", folder);
        Environment.SetEnvironmentVariable("DOTNET_TieredPGO", "0"); // nor does a process that a test starts live long enough for it

        // The apps under test take these for themselves: they would stop, and the tests wait for them.
        foreach (var signal in (PosixSignal[])[PosixSignal.SIGINT, PosixSignal.SIGTERM])
            Signals.Add(PosixSignalRegistration.Create(signal, _ => Process.GetCurrentProcess().Kill()));
        new Thread(() => EndIt(cleaner)) { IsBackground = true, Name = "longest run" }.Start();
    }

    /// <summary>
    /// Whether a temporary folder is one that a run has made for itself. A process that has it is a part of that run: where coverage is
    /// counted, the tests run in a process of their own below the one that was started.
    /// </summary>
    public static bool IsOfARun(string? folder) => Path.GetFileName(folder?.TrimEnd('/'))?.StartsWith(Prefix, StringComparison.Ordinal) is true;

    private static void EndIt(Process? cleaner)
    {
        Thread.Sleep(Longest);
        Console.Error.WriteLine($"The tests did not end within {Longest.TotalMinutes} minutes. Still running: {string.Join(", ", BoundedTestAttribute.Running)}");
        Process.GetCurrentProcess().Kill();
        GC.KeepAlive(cleaner); // which reads from it until then
    }
}
