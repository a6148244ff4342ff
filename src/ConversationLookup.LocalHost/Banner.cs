using ConversationLookup.LocalHost.Inbox;
using ConversationLookup.LocalHost.SampleWassist;
using ConversationLookup.Storage;

namespace ConversationLookup.LocalHost;

/// <summary>What the local host prints once it serves: where it is, and a line to paste.</summary>
public static class Banner
{
    public static void Print(TextWriter output, WebApplication app, SampleServer? sample, KeyFile? keyFile)
    {
        var url = app.Urls.First();
        var key = keyFile is null ? "" : $" -H \"@{keyFile.Path}\"";

        output.WriteLine();
        output.WriteLine($"Conversation Lookup   {url}   open it to see every route and try it");
        if (sample is not null)
            output.WriteLine($"Sample Wassist        {sample.Url}   X-API-Key: {SampleServer.ApiKey}");
        else
            PrintAbsence(output, (IConfigurationRoot)app.Configuration);
        var storage = app.Services.GetRequiredService<AppStorage>().IsConfigured;
        output.WriteLine(storage
            ? $"Flow inbox            {url}/{InboxEndpoints.Path}"
            : "Flow inbox            off, because AzureWebJobsStorage is not set; see 'Turn messages into triggers' in README.md");
        output.WriteLine();
        output.WriteLine(sample is null ? "Find the newest conversations:" : "Look a conversation up:");
        output.WriteLine();
        output.WriteLine(sample is null
            ? $"  curl -s{key} {url}/{Routes.Prefix}/{Routes.Conversations}"
            : $"  curl -s{key} {url}/{Routes.Prefix}/{Routes.Conversation.Replace("{id}", sample.Conversations[0].Id, StringComparison.Ordinal)}");
        output.WriteLine();
        if (sample is not null && storage)
        {
            output.WriteLine("Have its contact write, and see the event in the inbox:");
            output.WriteLine();
            output.WriteLine($"  curl -s {sample.Url}/simulate/message -d '{{\"text\":\"Is my parcel on its way?\"}}'");
            output.WriteLine();
        }

        if (sample is not null)
        {
            output.WriteLine("Conversations of the sample:");
            output.WriteLine();
            foreach (var conversation in sample.Conversations)
                output.WriteLine($"  {conversation.Id}  {conversation.Shows}");
            output.WriteLine();
        }

        output.WriteLine("Ctrl+C stops.");
        output.WriteLine();
    }

    /// <summary>The README's first command needs the sample, which a setting of long ago may have switched off.</summary>
    private static void PrintAbsence(TextWriter output, IConfigurationRoot configuration)
    {
        output.WriteLine("Sample Wassist        off. To have it back:");
        foreach (var line in SampleChoice.ExplainAbsence(configuration))
            output.WriteLine($"                      {line}");
    }
}
