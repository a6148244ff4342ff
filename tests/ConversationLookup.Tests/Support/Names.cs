namespace ConversationLookup.Tests.Support;

/// <summary>Lists of names that are kept in two places on purpose.</summary>
internal static class Names
{
    /// <param name="expected">What the app has.</param>
    /// <param name="actual">What is written down.</param>
    /// <param name="advice">Which file to change, for somebody who adds a name for the first time.</param>
    public static void AssertSame(IEnumerable<string> expected, IEnumerable<string> actual, string advice)
    {
        var (has, says) = (expected.ToList(), actual.ToList());
        var (missing, unknown) = (has.Except(says).ToList(), says.Except(has).ToList());
        var repeated = says.CountBy(name => name).Where(name => name.Value > 1).Select(name => name.Key).ToList();
        Assert.True(
            missing.Count + unknown.Count + repeated.Count == 0,
            $"Missing: [{string.Join(", ", missing)}]. Not in the app: [{string.Join(", ", unknown)}]. Twice: [{string.Join(", ", repeated)}]. {advice}");
    }
}
