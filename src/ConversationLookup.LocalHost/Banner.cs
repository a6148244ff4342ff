using ConversationLookup.LocalHost.Inbox;
using ConversationLookup.LocalHost.SampleWassist;
using ConversationLookup.Storage;

namespace ConversationLookup.LocalHost;

/// <summary>What the local host prints once it serves: where it is, and a line to paste.</summary>
public static class Banner
{
    public static void Print(TextWriter output, WebApplication app, SampleServer? sample)
    {
        var url = app.Urls.First();
        var key = string.IsNullOrEmpty(app.Configuration[FunctionKey.Setting]) ? "" : " -H \"x-functions-key: $LocalHost__Key\"";
        var id = sample?.Conversations[0].Id ?? "<conversation id>";

        output.WriteLine();
        output.WriteLine($"Conversation Lookup   {url}   open it to see every route and try it");
        if (sample is not null)
            output.WriteLine($"Sample Wassist        {sample.Url}   X-API-Key: {SampleServer.ApiKey}");
        var storage = app.Services.GetRequiredService<AppStorage>().IsConfigured;
        output.WriteLine(storage
            ? $"Flow inbox            {url}/{InboxEndpoints.Path}"
            : "Flow inbox            off, because AzureWebJobsStorage is not set; see 'Turn messages into triggers' in README.md");
        output.WriteLine();
        output.WriteLine("Look a conversation up:");
        output.WriteLine();
        output.WriteLine($"  curl -s{key} {url}/{Routes.Prefix}/{Routes.Conversation.Replace("{id}", id, StringComparison.Ordinal)}");
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
}
