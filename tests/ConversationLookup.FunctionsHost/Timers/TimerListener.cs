using System.Text.Json;
using ConversationLookup.FunctionsHost.Protocol;
using ConversationLookup.FunctionsHost.Worker;
using Microsoft.Extensions.Logging;
using NCrontab;

namespace ConversationLookup.FunctionsHost.Timers;

/// <summary>Fires a timer on its schedule, and at once when a time was missed.</summary>
/// <remarks>
/// TimerListener.cs and TimerInfo.cs of https://github.com/Azure/azure-webjobs-sdk-extensions, which also remembers times missed while
/// nothing ran.
/// </remarks>
internal sealed class TimerListener(
    Function function, TimerTrigger trigger, TimerSchedules schedules, Dispatcher dispatcher, IReadOnlyDictionary<string, string> settings, HostOutput output)
{
    /// <summary>A time this long ago was missed.</summary>
    private static readonly TimeSpan Late = TimeSpan.FromSeconds(1);

    /// <summary>The longest a delay can be without losing sight of the clock.</summary>
    private static readonly TimeSpan LongestDelay = TimeSpan.FromMinutes(1);

    public async Task RunAsync(CancellationToken stopping)
    {
        var expression = trigger.Schedule is ['%', .. var name, '%'] ? settings.GetValueOrDefault(name, "") : trigger.Schedule;
        if (CrontabSchedule.TryParse(expression, new CrontabSchedule.ParseOptions { IncludingSeconds = true }) is not { } schedule)
        {
            output.Write(LogLevel.Error, $"Function.{function.Name}", $"The timer has no schedule: '{trigger.Schedule}' is '{expression}'.");
            return;
        }

        try
        {
            while (true)
            {
                var next = schedules.NextOf(function.Name, () => schedule.GetNextOccurrence(DateTime.UtcNow));
                while (next - DateTime.UtcNow is var left && left > TimeSpan.Zero)
                    await Task.Delay(left < LongestDelay ? left : LongestDelay, stopping);
                await FireAsync(dispatcher, function, isPastDue: DateTime.UtcNow - next > Late, stopping);
                schedules.Set(function.Name, schedule.GetNextOccurrence(DateTime.UtcNow));
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
        }
    }

    /// <summary>Runs a timer's function once.</summary>
    /// <returns>Whether it succeeded.</returns>
    public static async Task<bool> FireAsync(Dispatcher dispatcher, Function function, bool isPastDue, CancellationToken cancellationToken)
    {
        var info = JsonSerializer.Serialize(new { Schedule = new { AdjustForDST = true }, ScheduleStatus = (object?)null, IsPastDue = isPastDue });
        try
        {
            await dispatcher.InvokeAsync(function, new TypedData { Json = info }, new Dictionary<string, TypedData>(), cancellationToken);
            return true;
        }
        catch (Exception failed) when (failed is InvocationFailedException or TimeoutException)
        {
            return false; // the dispatcher said so; the schedule goes on
        }
    }
}
