using System.Diagnostics.CodeAnalysis;
using System.Net;
using ConversationLookup.Settings;
using StackExchange.Redis;

namespace ConversationLookup.Redis;

/// <summary>The setting <c>ConnectionStrings:Redis</c>. Without it, each instance has its own budget and cache.</summary>
public sealed class RedisOptions
{
    public static SettingsSection<RedisOptions> Settings { get; } = new(
        "ConnectionStrings",
        new SettingRule<RedisOptions>(
            nameof(Redis),
            "must be an address as StackExchange.Redis reads it, without redis:// before it, such as localhost:6379, or name.region.redis.azure.net:10000,ssl=true,user=object-id for the app's identity.",
            options => options.IsUsable()))
    { IsShared = true };

    /// <summary>
    /// As StackExchange.Redis reads it, such as <c>localhost:6379</c>. A <c>user</c> without a <c>password</c> is the object id of the app's
    /// identity, which then signs in with Microsoft Entra: <c>name.region.redis.azure.net:10000,ssl=true,user=…</c>. How long an answer is
    /// waited for is <c>asyncTimeout</c>, in milliseconds; 100 where it is not given.
    /// </summary>
    public string? Redis { get; set; }

    public bool IsConfigured => !string.IsNullOrWhiteSpace(Redis);

    /// <summary>Whether it is not given, or given as an address that can be read.</summary>
    public bool IsUsable() => !IsConfigured || TryParse(out _);

    /// <returns>Whether the setting is usable.</returns>
    public bool TryParse([NotNullWhen(true)] out ConfigurationOptions? parsed)
    {
        try
        {
            parsed = ConfigurationOptions.Parse($"asyncTimeout=100,{Redis!.Trim()}"); // the last one counts
            return parsed.EndPoints.Count > 0 && parsed.EndPoints.All(IsAddress);
        }
        catch (ArgumentException)
        {
            parsed = null;
            return false;
        }
    }

    /// <summary>The library takes any text for a host's name.</summary>
    private static bool IsAddress(EndPoint endPoint) => endPoint is IPEndPoint || (endPoint is DnsEndPoint { Host: var host } && Uri.CheckHostName(host) is not UriHostNameType.Unknown);
}
