namespace ConversationLookup.Tests.Support;

internal sealed partial class RedisServer
{
    /// <summary>Starts one; skips the test where there is none.</summary>
    public static Task<RedisServer> StartOrSkipAsync()
    {
        Assert.SkipUnless(File.Exists(Program), $"There is no {Program}; on Debian: apt-get install redis-server.");
        return StartAsync();
    }
}
