using System.Text.Json;
using System.Text.Json.Serialization;

namespace ConversationLookup.LocalHost.SampleWassist;

/// <summary>The next calls that do something go wrong, as they do on a bad day: what was asked for may be done, and the caller not know it.</summary>
public sealed class SimulatedFailures(TimeProvider time)
{
    /// <summary>How long a slow answer takes: longer than a caller waits for most things.</summary>
    public static readonly TimeSpan Slowness = TimeSpan.FromSeconds(12);

    private const int RetryAfterSeconds = 30;

    private static readonly JsonSerializerOptions Strict = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false) },
    };

    private readonly Lock _taking = new();
    private SimulatedFailure _next = new(FailureKind.Error, Accepts: false, Times: 0);

    /// <summary><c>GET /simulate/failure</c>: what is still to go wrong.</summary>
    public IResult Get() => Results.Json(_next, Strict);

    /// <summary><c>POST /simulate/failure</c> with a <see cref="SimulatedFailure"/>: it takes the place of the one before.</summary>
    public async Task<IResult> SetAsync(HttpRequest request)
    {
        using var reader = new StreamReader(request.Body);
        try
        {
            if (JsonSerializer.Deserialize<SimulatedFailure>(await reader.ReadToEndAsync(request.HttpContext.RequestAborted), Strict) is { Times: >= 0 } wanted)
            {
                lock (_taking)
                    _next = wanted;
                return Get();
            }
        }
        catch (JsonException)
        {
        }

        return SampleAnswers.Detail(400, """Send a JSON object such as {"kind":"timeout","accepts":true}. 'kind' is timeout, reset, error, limit or slow; 'accepts' says whether what was asked for is done all the same; 'times', which may be left out, says how many calls fail, 0 for none.""");
    }

    /// <summary>Makes a call fail that is the next to.</summary>
    public async ValueTask<object?> FilterAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        if (Take() is not { } failure)
            return await next(context);

        var answer = failure.Accepts ? await next(context) : SampleAnswers.Detail(503, "Service unavailable.");
        var call = context.HttpContext;
        switch (failure.Kind)
        {
            case FailureKind.Timeout:
                await WaitAsync(Timeout.InfiniteTimeSpan, call.RequestAborted);
                return Results.Empty;
            case FailureKind.Reset:
                call.Abort();
                return Results.Empty;
            case FailureKind.Slow:
                await WaitAsync(Slowness, call.RequestAborted);
                return answer;
            case FailureKind.Limit:
                return SampleAnswers.TooManyRequests(RetryAfterSeconds);
            default:
                return SampleAnswers.Detail(500, "Internal server error.");
        }
    }

    private SimulatedFailure? Take()
    {
        lock (_taking)
        {
            if (_next.Times == 0)
                return null;
            _next = _next with { Times = _next.Times - 1 };
            return _next;
        }
    }

    /// <summary>A caller who has gone needs no answer.</summary>
    private async Task WaitAsync(TimeSpan duration, CancellationToken gone) =>
        await Task.Delay(duration, time, gone).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}

/// <param name="Accepts">Whether what was asked for is done all the same.</param>
/// <param name="Times">How many calls fail.</param>
public sealed record SimulatedFailure([property: JsonRequired] FailureKind Kind, [property: JsonRequired] bool Accepts, int Times = 1);

/// <summary>How a call fails.</summary>
public enum FailureKind
{
    /// <summary>It is never answered.</summary>
    Timeout,

    /// <summary>The connection is cut.</summary>
    Reset,

    /// <summary>500.</summary>
    Error,

    /// <summary>429.</summary>
    Limit,

    /// <summary>Its answer comes after 12 seconds.</summary>
    Slow,
}
