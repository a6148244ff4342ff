using System.Globalization;
using ConversationLookup.Storage;

namespace ConversationLookup.Load.Storm;

/// <summary>What became of a storm.</summary>
internal sealed class StormReport(
    StormOptions options, StormRun run, FreezingStorage storage, Target target, IReadOnlyList<Flow> flows, IReadOnlyCollection<DateTimeOffset> upstreamCalls, DateTimeOffset started)
{
    private const int MostExplained = 20;

    /// <summary>A process that is killed has calls on their way; the next one takes longer than this to start.</summary>
    private static readonly TimeSpan OnItsWay = TimeSpan.FromSeconds(1);

    /// <returns>The exit code: 0 when no flow that answers missed a message.</returns>
    public async Task<int> PrintAsync(string[] arguments)
    {
        var taken = run.Messages.Where(message => message.Value.TakenAt is not null).ToDictionary();
        var waiting = await run.CountAsync([.. StorageNames.Queues]);
        var poison = await run.CountAsync([.. StorageNames.Queues.Select(queue => queue + AppStorage.PoisonSuffix)]);
        var well = flows.Where(flow => !flow.IsDead && !flow.IsSlow).ToList();
        var repeats = flows.SelectMany(flow => flow.Runs.SelectMany(told => Repeats(flow, told.Key, [.. told.Value.OrderBy(one => one.At)]))).ToList();
        var told = well.Sum(flow => taken.Keys.Count(flow.Runs.ContainsKey));
        var missing = (well.Count * taken.Count) - told;

        Print($"storm {string.Join(' ', arguments)}");
        Print($"{DateTime.UtcNow:yyyy-MM-dd}, {Environment.ProcessorCount} processors, .NET {Environment.Version}; target: {options.Target}; took {(DateTimeOffset.UtcNow - started).TotalSeconds:F0} s");
        Print($"messages                 {run.Messages.Count,8:N0} sent, {taken.Count:N0} taken; {run.SentAgain:N0} webhooks sent again after an answer that was not 2xx");
        Print($"told once or more        {told,8:N0} of {well.Count * taken.Count:N0} (messages x flows that answer in time)");
        Print($"lost                     {missing,8:N0} not told{(missing > 0 ? $" by the end, while {waiting:N0} messages wait on the queues" : "")}");
        Print($"repeats                  {repeats.Count,8:N0} ({100.0 * repeats.Count / Math.Max(1, flows.Sum(flow => flow.Runs.Count)):F3}%)");
        Print($"poison                   {poison,8:N0}; on the queues at the end: {waiting:N0}");
        Print($"told with the lookup     {string.Join(", ", flows.SelectMany(flow => flow.Runs.Values).SelectMany(runs => runs).GroupBy(one => one.LookupOutcome).OrderByDescending(group => group.Count()).Select(group => Text($"{group.Key} {group.Count():N0}")))}");
        Print($"upstream calls           {upstreamCalls.Count,8:N0}, at most {Calls.MostInAMinute(upstreamCalls):N0} in any 60 s");
        Print($"lookups                  {(run.Lookups.IsEmpty ? "none" : string.Join(", ", run.Lookups.OrderBy(status => status.Key).Select(status => Text($"{status.Key}: {status.Value}"))))}");
        Print($"kills, freezes           {run.Kills.Count}, {(run.Freezes.IsEmpty ? "none" : string.Join(" and ", run.Freezes.Select(freeze => Text($"{(freeze.To - freeze.From).TotalSeconds:F0} s"))))}");
        Print($"app                      {target.MostMemory} MiB at most, {target.Memory} MiB at the end, {1000 * target.ProcessorTime.TotalSeconds / Math.Max(1, taken.Count):F1} ms of processor time a message");
        var requests = storage.Operations.Values.Sum(operation => operation.Count);
        Print($"requests to storage      {requests,8:N0}, {(double)requests / Math.Max(1, taken.Count):F1} a message, {storage.Operations.Values.Sum(operation => operation.Time.TotalMilliseconds) / Math.Max(1, requests):F1} ms each in Azurite");
        Print($"");
        Print($"{"from webhook to callback",-40} {"told",7} {"p50 s",8} {"p95 s",8} {"p99 s",8} {"longest",8}");
        foreach (var flow in flows)
            PrintLatencies(flow.Name, taken, [flow]);
        if (well.Count is > 1 && well.Count < flows.Count)
            PrintLatencies($"the {well.Count} that answer in time", taken, well);
        foreach (var repeat in repeats.Take(MostExplained))
            Print($"repeat: {repeat}");
        return missing == 0 ? 0 : 1;
    }

    private static void PrintLatencies(string name, Dictionary<string, StormMessage> taken, IEnumerable<Flow> some)
    {
        var seconds = some.SelectMany(flow => flow.Runs)
            .Where(told => taken.ContainsKey(told.Key))
            .Select(told => (told.Value.Min(one => one.At) - taken[told.Key].TakenAt!.Value).TotalSeconds).Order().ToList();
        string At(double part) => seconds.Count == 0 ? "never" : seconds[Math.Min(seconds.Count - 1, (int)(part * seconds.Count))].ToString("F2", CultureInfo.InvariantCulture);
        Print($"{name,-40} {seconds.Count,7:N0} {At(0.5),8} {At(0.95),8} {At(0.99),8} {At(1),8}");
    }

    /// <summary>Each run after the first, with what is known of how it came to be.</summary>
    private IEnumerable<string> Repeats(Flow flow, string message, IReadOnlyList<Run> runs)
    {
        for (var index = 1; index < runs.Count; index++)
        {
            var (before, again) = (runs[index - 1], runs[index]);
            var notes = storage.NotesOf($"{run.Messages[message].Key}-{flow.CallbackHash}").Where(at => at >= before.At && at < again.At).ToList();
            var kill = run.Kills.Where(at => at >= before.At - OnItsWay && at < again.At).Select(at => (DateTimeOffset?)at).FirstOrDefault();
            var why = (notes.Count > 0, kill) switch
            {
                (true, _) => Text($"UNEXPLAINED: the note of the first was in storage {(notes[0] - before.AnsweredAt).TotalMilliseconds:F0} ms after the answer"),
                (false, { } at) when at < before.At => Text($"the process was killed {(before.At - at).TotalMilliseconds:F0} ms before the flow read a call that was on its way, so nobody noted the answer"),
                (false, { } at) => Text($"the process was killed {(at - before.AnsweredAt).TotalMilliseconds:F0} ms after the answer, before the note of it was in storage"),
                _ => "UNEXPLAINED: no note came, and nobody was killed",
            };
            var id = before.DeliveryId == again.DeliveryId ? "the same delivery id" : "another delivery id";
            yield return Text($"{flow.Name}, message {message}: {before.EventType} at {(before.At - started).TotalSeconds:F3} s, {again.EventType} at {(again.At - started).TotalSeconds:F3} s, {id}; {why}");
        }
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
