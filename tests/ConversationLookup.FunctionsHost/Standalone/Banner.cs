using System.Text;

namespace ConversationLookup.FunctionsHost.Standalone;

/// <summary>What a person sees first.</summary>
internal static class Banner
{
    public static string For(FunctionsHost host, string settings)
    {
        var text = new StringBuilder().AppendLine().AppendLine($"Conversation Lookup's function app, with the settings of {settings}:").AppendLine();
        if (host.JobHost is not { } jobHost)
            text.AppendLine("  It did not start; what is wrong stands above. It is tried again.");
        else
            foreach (var function in jobHost.Functions)
                text.AppendLine($"  {function.Name}: {Describe(function.Trigger, $"{host.Url}/{jobHost.RoutePrefix}")}");
        return text.AppendLine().Append("Ctrl+C stops.").ToString();
    }

    private static string Describe(Trigger trigger, string root) => trigger switch
    {
        HttpTrigger http => $"[{string.Join(',', http.Methods)}] {root}/{http.Route}",
        QueueTrigger queue => $"queue {queue.Queue}",
        TimerTrigger timer => $"timer {timer.Schedule}",
        _ => "",
    };
}
