using Azure.Core;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Polly;
using Polly.CircuitBreaker;
using StackExchange.Redis;

namespace ConversationLookup.Redis;

/// <summary>
/// The Redis that all instances share. It is a help and never a need: what it does not do at once is not waited for, and after some
/// failures it is left alone for seconds.
/// </summary>
public sealed class SharedState : IAsyncDisposable
{
    private readonly ConfigurationOptions? _configuration;
    private readonly ResiliencePipeline _pipeline;
    private readonly Lock _lock = new();
    private readonly List<(RedisChannel Channel, Action<string> Heard)> _listeners = [];
    private Task<ConnectionMultiplexer>? _connection;
    private ConnectionMultiplexer? _listening;
    private bool _isAway;

    public SharedState(IOptions<RedisOptions> options, TokenCredential credential, TimeProvider time, ILogger<SharedState> logger)
    {
        _configuration = options.Value.IsConfigured && options.Value.TryParse(out var parsed) ? Adapt(parsed, credential) : null;
        _pipeline = new ResiliencePipelineBuilder { TimeProvider = time }
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions
            {
                FailureRatio = 0.5,
                MinimumThroughput = 3,
                SamplingDuration = TimeSpan.FromSeconds(10),
                BreakDuration = TimeSpan.FromSeconds(5),
                OnOpened = arguments =>
                {
                    if (!Interlocked.Exchange(ref _isAway, true)) // it opens again after each try that fails
                        logger.RedisIsAway(arguments.Outcome.Exception?.GetType().Name ?? "no answer");
                    return default;
                },
                OnClosed = _ =>
                {
                    _isAway = false;
                    logger.RedisIsBack();
                    return default;
                },
            })
            .AddTimeout(TimeSpan.FromMilliseconds(_configuration?.AsyncTimeout ?? 1000))
            .Build();
    }

    public bool IsConfigured => _configuration is not null;

    /// <summary>Whether it is there and answers. Waits for the connection, so that the first lookup need not.</summary>
    public async Task<bool> IsAnsweringAsync(CancellationToken cancellationToken)
    {
        if (IsConfigured)
            await Task.WhenAny(Connect()).WaitAsync(cancellationToken);
        return await TryAsync<TimeSpan?>(async database => await database.PingAsync(), cancellationToken) is not null;
    }

    /// <summary>Asks Redis, if there is one and it answers.</summary>
    /// <typeparam name="T">Nullable, or null and its default value are one.</typeparam>
    /// <returns>What it answered; the default value when it did not.</returns>
    public async ValueTask<T?> TryAsync<T>(Func<IDatabase, Task<T>> ask, CancellationToken cancellationToken)
    {
        if (!IsConfigured || Connect() is not { IsCompleted: true } connection) // the first connection takes a while: that is no fault
            return default;
        try
        {
            return await _pipeline.ExecuteAsync(
                static async (call, cancellationToken) => await call.Ask((await call.Connection).GetDatabase()).WaitAsync(cancellationToken),
                (Connection: connection, Ask: ask),
                cancellationToken);
        }
#pragma warning disable CA1031 // Whatever keeps Redis from answering, each instance then keeps to its own.
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            return default;
        }
    }

    /// <summary>Tells all instances something; those that Redis does not reach do not hear it.</summary>
    public async ValueTask PublishAsync(string channel, string text, CancellationToken cancellationToken) =>
        await TryAsync(database => database.PublishAsync(RedisChannel.Literal(channel), text), cancellationToken);

    /// <summary>Hears what any instance, this one included, tells from now on, as far as Redis is there.</summary>
    public void Listen(string channel, Action<string> heard)
    {
        lock (_lock)
        {
            var listener = (RedisChannel.Literal(channel), heard);
            _listeners.Add(listener);
            if (_listening is not null)
                Subscribe(_listening, listener);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_connection is { } connection && await Task.WhenAny(connection) is { IsCompletedSuccessfully: true })
            await (await connection).DisposeAsync();
    }

    private static ConfigurationOptions Adapt(ConfigurationOptions configuration, TokenCredential credential)
    {
        configuration.AbortOnConnectFail = false; // it may come later
        configuration.BacklogPolicy = BacklogPolicy.FailFast;
        configuration.ConnectTimeout = 2000;
        configuration.ReconnectRetryPolicy = new LinearRetry(1000);
        configuration.KeepAlive = 10;
        configuration.IncludeDetailInExceptions = false; // it would name keys
        configuration.ClientName = "conversation-lookup";
        if (configuration is { User.Length: > 0, Password: null or "" })
            configuration.Defaults = new RedisIdentity(credential);
        return configuration;
    }

    /// <summary>The connection, which looks after itself; a new one when it could not even be begun.</summary>
    private Task<ConnectionMultiplexer> Connect()
    {
        lock (_lock)
            return _connection is null or { IsFaulted: true } ? _connection = ConnectAsync() : _connection;
    }

    private async Task<ConnectionMultiplexer> ConnectAsync()
    {
        var connection = await ConnectionMultiplexer.ConnectAsync(_configuration!);
        lock (_lock)
        {
            _listening = connection;
            foreach (var listener in _listeners)
                Subscribe(connection, listener);
        }

        return connection;
    }

    /// <summary>It is not waited for: the connection subscribes as soon as Redis is there, and again whenever it comes back.</summary>
    private static void Subscribe(ConnectionMultiplexer connection, (RedisChannel Channel, Action<string> Heard) listener) =>
        connection.GetSubscriber().Subscribe(listener.Channel, (_, text) => listener.Heard(text.ToString()), CommandFlags.FireAndForget);
}

/// <summary>What is logged of Redis; never what it holds.</summary>
public static partial class RedisLog
{
    [LoggerMessage(80, LogLevel.Warning, "Redis does not answer ({Reason}). Until it does, each instance uses its own call budget and cache.")]
    public static partial void RedisIsAway(this ILogger logger, string reason);

    [LoggerMessage(81, LogLevel.Information, "Redis answers again. All instances share one call budget and one cache.")]
    public static partial void RedisIsBack(this ILogger logger);
}
