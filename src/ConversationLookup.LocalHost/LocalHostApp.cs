using ConversationLookup.LocalHost.Inbox;
using ConversationLookup.LocalHost.Queues;
using ConversationLookup.LocalHost.Reference;
using ConversationLookup.LocalHost.SampleWassist;
using ConversationLookup.Settings;
using ConversationLookup.Telemetry;
using ConversationLookup.Values;
using ConversationLookup.Wassist;

namespace ConversationLookup.LocalHost;

/// <summary>The app on Kestrel: the same handlers as in Azure, on a machine without the Azure Functions host.</summary>
public static class LocalHostApp
{
    private const string DefaultUrl = "http://localhost:7071"; // the Functions host's own

    /// <summary>Every setting there is, with those of the local host alone.</summary>
    public static IReadOnlyList<ISettingsSection> Settings { get; } = [.. ConversationLookupServices.Settings, LocalHostOptions.Settings, SampleOptions.Settings];

    /// <summary>Runs until Ctrl+C.</summary>
    /// <returns>The process's exit code: 1 when it did not start.</returns>
    public static async Task<int> RunAsync(string[] args)
    {
        var started = false;
        try
        {
            var builder = CreateBuilder(args);
            if (Faults(builder.Configuration) is { Count: > 0 } faults)
                return await StopAsync([.. faults, .. SettingNames.Unknown(builder.Configuration, Settings)]);
            // What stops the start is said below, in words; the framework would add the stack, twice.
            foreach (var category in (string[])["Microsoft.Extensions.Hosting.Internal.Host", "Microsoft.AspNetCore.Server.Kestrel"])
                builder.Logging.AddFilter(category, level => started && level >= LogLevel.Warning);

            await using var sample = await StartSampleAsync(builder.Configuration);
            await using var app = Build(builder);
            using var keyFile = KeyFile.For(app.Configuration);
            await app.StartAsync();
            started = true;
            sample?.SendEventsTo(app.Urls.First());
            Banner.Print(Console.Out, app, sample, keyFile);
            await app.WaitForShutdownAsync();
            return 0;
        }
#pragma warning disable CA1031 // Whatever else stops the start, such as a file that is no JSON: whoever starts it needs the reason, not a stack.
        catch (Exception exception) when (!started)
#pragma warning restore CA1031
        {
            return await StopAsync(exception.InnerException is null ? [exception.Message] : [exception.Message, exception.GetBaseException().Message]);
        }
    }

    /// <summary>Everything that keeps the local host from starting, each as a sentence. It looks whether the ports are free.</summary>
    public static IReadOnlyList<string> Faults(ConfigurationManager configuration)
    {
        var hasSample = SampleChoice.IsWanted(configuration);
        var mayUseHttps = configuration.GetSection("Kestrel:Certificates:Default").Exists() || ListenAddresses.HasDeveloperCertificate();
        return
        [
            .. ConversationLookupServices.SettingFaults(configuration).Except(hasSample ? WassistSecrets.Faults(configuration) : []),
            .. hasSample || WassistSecrets.Faults(configuration).Count == 0 ? [] : SampleChoice.ExplainAbsence(configuration).Select(line => $"Or use the sample Wassist: {line}"),
            .. SampleOptions.Settings.Faults(configuration),
            .. configuration.GetSection("Kestrel:Endpoints").Exists() ? [] : ListenAddresses.Faults(WebHostDefaults.ServerUrlsKey, configuration[WebHostDefaults.ServerUrlsKey]!, mayUseHttps),
            .. hasSample ? ListenAddresses.Faults("SampleWassist:Url", SampleOptions.Settings.Read(configuration).Options.Url, mayUseHttps: false) : [],
        ];
    }

    /// <summary>Settings and logging of the local host; the environment and the command line override both.</summary>
    public static WebApplicationBuilder CreateBuilder(string[] args)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.Sources.Insert(0, new Microsoft.Extensions.Configuration.Memory.MemoryConfigurationSource
        {
            InitialData = new Dictionary<string, string?>
            {
                [WebHostDefaults.ServerUrlsKey] = DefaultUrl,
                ["Logging:LogLevel:Microsoft"] = "Warning",
                ["Logging:Console:FormatterName"] = "simple",
                ["Logging:Console:FormatterOptions:SingleLine"] = "true",
                ["Logging:Console:FormatterOptions:TimestampFormat"] = "HH:mm:ss ",
            },
        });
        builder.Configuration.TrimLineBreaks();
        // It would make a span and a scope for every request, for messages that say nothing of this app; an exporter has spans made all the same.
        builder.Logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);
        builder.WebHost.UseKestrel(kestrel => kestrel.AddServerHeader = false);
        return builder;
    }

    /// <summary>The app itself, not started.</summary>
    public static WebApplication Build(WebApplicationBuilder builder)
    {
        builder.Services.AddConversationLookup(builder.Configuration);
        LocalHostOptions.Settings.AddTo(builder.Services, builder.Configuration);
        SampleOptions.Settings.AddTo(builder.Services, builder.Configuration);
        builder.Services.AddQueueWorkers();
        builder.Services.AddSingleton<InboxFeed>();
        builder.Services.AddConversationLookupTelemetry(builder.Configuration)?.AddRequestSpans();
        var app = builder.Build();
        app.UseProblemsForStatusCodes();
        app.UseFunctionKey();
        app.MapConversationLookup();
        app.MapInbox();
        app.MapReferencePage();
        return app;
    }

    /// <summary>Where nothing says which Wassist to ask, there is one inside, and the settings point at it.</summary>
    public static async Task<SampleServer?> StartSampleAsync(ConfigurationManager configuration)
    {
        if (!SampleChoice.IsWanted(configuration))
            return null;

        var sample = await SampleServer.StartAsync(SampleOptions.Settings.Read(configuration).Options, TimeProvider.System);
        configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Wassist:BaseUrl"] = sample.Url,
            ["Wassist:ApiKey"] = SampleServer.ApiKey,
            ["Wassist:WebhookSecret"] = SampleWebhook.Secret,
            ["Actions:Allowed"] = configuration["Actions:Allowed"] ?? "all", // nobody is written to, and nothing costs anything
            ["Subscriptions:AllowLocalCallbacks"] = configuration["Subscriptions:AllowLocalCallbacks"] ?? "true", // for the inbox
            ["Files:AllowLocalHosts"] = configuration["Files:AllowLocalHosts"] ?? "true", // for the sample's pictures
            [InboxEndpoints.SampleUrlSetting] = sample.Url,
        });
        return sample;
    }

    private static async Task<int> StopAsync(params string[] lines)
    {
        await Console.Error.WriteLineAsync("Conversation Lookup did not start:");
        foreach (var line in lines)
            await Console.Error.WriteLineAsync($"  {line}");
        return 1;
    }
}
