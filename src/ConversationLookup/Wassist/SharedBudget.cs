using ConversationLookup.Redis;
using ConversationLookup.Values;
using Microsoft.Extensions.Options;
using RedisRateLimiting;
using StackExchange.Redis;

namespace ConversationLookup.Wassist;

/// <summary>The <see cref="CallBudget"/> of all instances, in Redis: the same rules as <see cref="OwnBudget"/>.</summary>
/// <remarks>
/// The calls of a window are counted by the sliding window of RedisRateLimiting, in one step, so that there are never too many. The line
/// is made of a key for each turn and one for the last turn given; its clock is the instances', which Azure keeps within milliseconds.
/// </remarks>
public sealed class SharedBudget(SharedState shared, WassistAccount account, IOptions<WassistOptions> options, TimeProvider time)
{
    /// <summary>
    /// Gives the turn after the last one, or the earliest that will do (keys: last turn, this turn; arguments: earliest, spacing, latest,
    /// how long it stays), unless that is too late. In milliseconds since 1970.
    /// </summary>
    private const string GiveTurn = """
        local turn = math.max(tonumber(ARGV[1]), tonumber(redis.call('get', KEYS[1]) or 0) + tonumber(ARGV[2]))
        if turn <= tonumber(ARGV[3]) then
          redis.call('set', KEYS[1], turn, 'pxat', turn + ARGV[4])
          redis.call('set', KEYS[2], turn, 'pxat', turn + ARGV[4])
        end
        return turn
        """;

    private readonly (int Callers, int Events)? _parts = options.Value.GetParts();

    /// <summary>Whether there is a Redis.</summary>
    public bool IsConfigured => shared.IsConfigured;

    /// <summary>Takes one call out of the budget, if there is one.</summary>
    /// <returns>Null when Redis did not answer.</returns>
    public ValueTask<Permit?> TakeAsync(WassistCall call, CancellationToken cancellationToken) =>
        shared.TryAsync<Permit>(database => TakeAsync(database, call, cancellationToken), cancellationToken);

    /// <inheritdoc cref="CallBudget.PauseAsync"/>
    public async ValueTask PauseAsync(TimeSpan wait, CancellationToken cancellationToken) =>
        await shared.TryAsync(database => database.StringSetAsync(NameOf("paused"), Milliseconds(time.GetUtcNow() + wait), wait), cancellationToken);

    /// <inheritdoc cref="CallBudget.RefuseAsync"/>
    public async ValueTask RefuseAsync(string key, string requestId, TimeSpan wait, CancellationToken cancellationToken) =>
        await shared.TryAsync(database => database.StringSetAsync(RefusalOf(key), requestId, wait), cancellationToken);

    private async Task<Permit> TakeAsync(IDatabase database, WassistCall call, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var known = await database.StringGetAsync([RefusalOf(call.Key), NameOf("paused"), NameOf("last-turn"), TurnOf(call.Path)]);
        if (known[0] is { HasValue: true } refused)
            return Permit.Refused(refused.ToString());

        var pause = Time(known[1]) is { } pausedUntil && pausedUntil > now ? pausedUntil - now : TimeSpan.Zero;
        if (call.WaitsUntil is not { } until)
            return Permit.After(pause > TimeSpan.Zero ? pause : await TryCountAsync(database, "callers", _parts?.Callers, now, cancellationToken));

        var turn = Time(known[3]);
        if (turn > now)
            return Permit.After(turn.Value - now);

        // Who has no turn goes only where none is ahead.
        var mayGo = turn is not null || !(Time(known[2]) > now);
        var wait = pause > TimeSpan.Zero ? pause : mayGo ? await TryCountAsync(database, "events", _parts?.Events, now, cancellationToken) : TimeSpan.Zero;
        if (mayGo && wait == TimeSpan.Zero)
        {
            if (turn is not null)
                await database.KeyDeleteAsync(TurnOf(call.Path));
            return Permit.After(TimeSpan.Zero);
        }

        if (turn is not null)
        {
            await database.StringSetAsync(TurnOf(call.Path), Milliseconds(now + wait), wait + CallLine.Grace); // those before were late: it stays the next
            return Permit.After(wait);
        }

        var given = await database.ScriptEvaluateAsync(
            GiveTurn,
            [NameOf("last-turn"), TurnOf(call.Path)],
            [Milliseconds(now + wait), (long)CallLine.Spacing(_parts?.Events).TotalMilliseconds, Milliseconds(until), (long)CallLine.Grace.TotalMilliseconds]);
        return Permit.After(DateTimeOffset.FromUnixTimeMilliseconds((long)given) - now);
    }

    /// <summary>Takes one call out of one part, if there is one.</summary>
    /// <returns>Zero, or how long it is until there is one.</returns>
    private async Task<TimeSpan> TryCountAsync(IDatabase database, string part, int? limit, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (limit is null)
            return TimeSpan.Zero;
        if (limit == 0)
            return CallWindow.Length;

        var name = $"{account.Name}:{part}";
        await using var window = new RedisSlidingWindowRateLimiter<string>(name, new RedisSlidingWindowRateLimiterOptions
        {
            ConnectionMultiplexerFactory = () => database.Multiplexer,
            PermitLimit = limit.Value,
            Window = CallWindow.Length,
        });
        using var lease = await window.AcquireAsync(1, cancellationToken);
        if (lease.IsAcquired)
            return TimeSpan.Zero;

        // The library does not say when there is a call; its oldest entry does.
        var oldest = await database.SortedSetRangeByRankWithScoresAsync($"rl:sw:{{{name}}}", 0, 0);
        var free = oldest is [var first] ? DateTimeOffset.UnixEpoch.AddSeconds(first.Score) + CallWindow.Length : now;
        return free > now ? free - now : TimeSpan.FromSeconds(1);
    }

    private RedisKey NameOf(string what) => $"conversation-lookup:{{{account.Name}}}:{what}"; // in braces: all on one node of a cluster

    private RedisKey TurnOf(string path) => NameOf($"turn:{Hashes.Of(path)}");

    private RedisKey RefusalOf(string key) => NameOf($"refused:{Hashes.Of(key)}");

    private static long Milliseconds(DateTimeOffset time) => time.ToUnixTimeMilliseconds();

    private static DateTimeOffset? Time(RedisValue value) =>
        value.HasValue ? DateTimeOffset.FromUnixTimeMilliseconds((long)value) : null;
}
