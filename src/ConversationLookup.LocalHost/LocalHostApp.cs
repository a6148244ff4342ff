using ConversationLookup.LocalHost.Inbox;
using ConversationLookup.LocalHost.Queues;
using ConversationLookup.LocalHost.Reference;
using ConversationLookup.LocalHost.SampleWassist;
using ConversationLookup.Telemetry;
using ConversationLookup.Values;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;

namespace ConversationLookup.LocalHost;

/// <summary>The app on Kestrel: the same handlers as in Azure, on a machine without the Azure Functions host.</summary>
public static class LocalHostApp
{
    private const string DefaultUrl = "http://localhost:7071"; // the Functions host's own

    /// <summary>Runs until Ctrl+C.</summary>
    /// <returns>The process's exit code: 1 when a setting or a taken port stopped the start.</returns>
    public static async Task<int> RunAsync(string[] args)
    {
        try
        {
            var builder = CreateBuilder(args);
            // What stops the start is said below, in words; the framework would add the stack, twice.
            var started = false;
            foreach (var category in (string[])["Microsoft.Extensions.Hosting.Internal.Host", "Microsoft.AspNetCore.Server.Kestrel"])
                builder.Logging.AddFilter(category, level => started && level >= LogLevel.Warning);

            await using var sample = await StartSampleAsync(builder.Configuration);
            await using var app = Build(builder);
            await app.StartAsync();
            started = true;
            sample?.SendEventsTo(app.Urls.First());
            Banner.Print(Console.Out, app, sample);
            await app.WaitForShutdownAsync();
            return 0;
        }
        catch (OptionsValidationException exception)
        {
            return await StopAsync([.. exception.Failures]);
        }
        catch (IOException exception) when (exception.InnerException is AddressInUseException)
        {
            return await StopAsync(
                exception.Message,
                "Stop the program that uses the port, or choose another: --urls http://localhost:7072 for this app,",
                "--SampleWassist:Url http://localhost:8051 for the sample Wassist.");
        }
        catch (FormatException exception)
        {
            return await StopAsync(exception.Message); // a URL that is none
        }
        catch (InvalidOperationException exception) when (exception.InnerException is FormatException or ArgumentException)
        {
            return await StopAsync(exception.Message); // the binder's, which names the setting
        }
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

    /// <summary>
    /// Where nothing says which Wassist to ask, there is one inside, and the settings point at it.
    /// </summary>
    public static async Task<SampleServer?> StartSampleAsync(ConfigurationManager configuration)
    {
        string[] anyOf = ["Wassist:BaseUrl", "Wassist:ApiKey", "KeyVault:Uri"];
        if (anyOf.Any(setting => !string.IsNullOrWhiteSpace(configuration[setting])))
            return null;

        var options = configuration.GetSection(SampleOptions.Section).Get<SampleOptions>() ?? new SampleOptions();
        var sample = await SampleServer.StartAsync(options, TimeProvider.System);
        configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Wassist:BaseUrl"] = sample.Url,
            ["Wassist:ApiKey"] = SampleServer.ApiKey,
            ["Wassist:WebhookSecret"] = Simulation.WebhookSecret,
            ["Subscriptions:AllowLocalCallbacks"] = configuration["Subscriptions:AllowLocalCallbacks"] ?? "true", // for the inbox
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
