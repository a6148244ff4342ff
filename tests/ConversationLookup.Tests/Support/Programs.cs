namespace ConversationLookup.Tests.Support;

/// <summary>Programs that a machine may lack.</summary>
internal static class Programs
{
    /// <summary>Skips the test where there is no such program, and says what to install.</summary>
    /// <param name="name">As the shell knows it.</param>
    /// <param name="package">Debian's package that has it.</param>
    public static void RequireOrSkip(string name, string package) => Assert.SkipUnless(
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, name))),
        $"There is no {name}; on Debian: apt-get install {package}.");
}
