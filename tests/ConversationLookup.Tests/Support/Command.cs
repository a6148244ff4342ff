using System.Diagnostics;

namespace ConversationLookup.Tests.Support;

/// <summary>A program that is run to its end, or ended with the test.</summary>
internal static class Command
{
    /// <param name="start">The program; what it writes is read.</param>
    /// <param name="input">What it reads.</param>
    public static async Task<(int ExitCode, string Output, string Error)> RunAsync(ProcessStartInfo start, string input = "")
    {
        (start.RedirectStandardInput, start.RedirectStandardOutput, start.RedirectStandardError) = (true, true, true);
        using var process = Process.Start(start)!;
        try
        {
            var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            await process.StandardInput.WriteAsync(input);
            process.StandardInput.Close();
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            return (process.ExitCode, await output, await error);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
    }
}
