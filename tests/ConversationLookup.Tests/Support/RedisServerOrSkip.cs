namespace ConversationLookup.Tests.Support;

internal sealed partial class RedisServer
{
    /// <summary>Starts one; skips the test where there is none.</summary>
    public static Task<RedisServer> StartOrSkipAsync()
    {
        Programs.RequireOrSkip(Program, "redis-server");
        return StartAsync();
    }
}
