using System.Globalization;

namespace ConversationLookup.Load.Simulation;

/// <summary>Prints what a deployment does and costs at several sizes. Prices are list prices in US dollars, cited in <c>docs/scale.md</c>.</summary>
internal static class SimulationReport
{
    private const double Days = 30;
    private const double GbSecond = 0.000026;
    private const double Executions = 0.40 / 1e6;
    private const double FreeGbSeconds = 100_000;
    private const double FreeExecutions = 250_000;
    private const double QueueRequest = 0.004 / 1e4;
    private const double TableRequest = 0.00036 / 1e4;
    private const double TableGb = 0.0562;

    /// <summary>Days that rows are kept, and the size of one, with its names and time, in bytes.</summary>
    private const double RowDays = 8;
    private const double RowBytes = 400;

    public static int Run(string[] arguments)
    {
        var options = CommandLine.Parse<SimulationOptions>(arguments);
        Print($"simulate {string.Join(' ', arguments)}");
        Print($"{options.Flows} flows an event, {options.Budget} calls to Wassist a minute for events, {options.Instances} instances of {options.MemoryMb} MB, storage {options.StorageMs} ms, processor {options.ProcessorMs} ms an execution");
        Print($"");
        Print($"{"events a day",-14} {"at peak /s",10} {"p50 s",7} {"p95 s",7} {"p99 s",7} {"found",7} {"waiting",9} {"instances",10} {"requests/s",11} {"messages/s",11}");
        foreach (var size in (double[])[1e4, 3e4, 1e5, 1e6, 1e7, 1e8])
        {
            var perSecond = options.Peak * size / 86400;
            var run = new Deployment(options with { Minutes = perSecond > 100 ? Math.Min(options.Minutes, 3) : options.Minutes }, perSecond).Run();
            var sorted = run.Seconds.Order().ToList();
            string At(double part) => sorted.Count == 0 ? "never" : sorted[Math.Min(sorted.Count - 1, (int)(part * sorted.Count))].ToString("F1", CultureInfo.InvariantCulture);
            var ended = Math.Max(1, run.Found + run.Unavailable);
            Print($"{size,-14:N0} {perSecond,10:N2} {At(0.5),7} {At(0.95),7} {At(0.99),7} {100.0 * run.Found / ended,6:F1}% {run.WaitingAtTheEnd,9:N0} {run.MostInstances,10:N0} {run.MostRequestsASecond,11:N0} {perSecond * options.Flows,11:N1}");
        }

        Print($"");
        Print($"{"USD a month",-14} {"compute",10} {"executions",10} {"queues",10} {"tables",10} {"all",10} {"a million events",17}");
        foreach (var size in (double[])[1e4, 1e6, 1e8])
            PrintCost(options, size);
        return 0;
    }

    /// <summary>At the day's average, without a limit that would hide what an event costs.</summary>
    private static void PrintCost(SimulationOptions options, double size)
    {
        var perSecond = size / 86400;
        var minutes = perSecond > 100 ? 2 : Math.Max(options.Minutes, Math.Min(600, 1000 / perSecond / 60));
        var run = new Deployment(options with { Minutes = minutes, Budget = 0, Instances = 1000, Accounts = 100 }, perSecond).Run();
        var events = size * Days;
        var gbSeconds = events * run.BilledSeconds / run.Came * options.MemoryMb / 1024;
        var compute = Math.Max(0, gbSeconds - FreeGbSeconds) * GbSecond;
        var executions = Math.Max(0, (events * (2 + options.Flows)) - FreeExecutions) * Executions;
        var perEvent = (double)run.Requests / run.Came;

        // An event asks the tables twice, and each of its flows three times; the rest is the queues'. Old rows go by the hundred.
        var tableRequests = 2 + (3 * options.Flows);
        var rows = 1 + options.Flows;
        var queues = events * (perEvent - tableRequests) * QueueRequest;
        var tables = (events * (tableRequests + (rows / 100.0)) * TableRequest) + (size * RowDays * rows * RowBytes / 1e9 * TableGb);
        var all = compute + executions + queues + tables;
        Print($"{size,-14:N0} {compute,10:N2} {executions,10:N2} {queues,10:N2} {tables,10:N2} {all,10:N2} {all / events * 1e6,17:N2}");
    }
}
