using System.Diagnostics;
using ConversationLookup;
using ConversationLookup.Functions;
using ConversationLookup.Health;
using ConversationLookup.Telemetry;
using ConversationLookup.Values;
using ConversationLookup.Webhooks;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Azure.Functions.Worker.OpenTelemetry;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

var builder = FunctionsApplication.CreateBuilder(args);
builder.ConfigureFunctionsWebApplication();
builder.Configuration.TrimLineBreaks(); // after the line above, which reads the environment once more
if (ConversationLookupServices.SettingFaults(builder.Configuration) is { Count: > 0 } faults)
{
    builder.AnswerWrongSettings(faults);
    builder.Build().Run();
    return;
}

builder.Services.AddConversationLookup(builder.Configuration);

// The host hands a caller's tracestate on beside the request, and Azure's clients would send it with every call.
builder.Use(next => context =>
{
    Activity.Current?.TraceStateString = null;
    return next(context);
});

// With it the worker sends its own traces and logs, and the host no longer passes its logs on: only where there is an exporter.
builder.Services.AddConversationLookupTelemetry(builder.Configuration)?.UseFunctionsWorkerDefaults();

// The web framework's everyday messages name whole addresses, with function keys and phone numbers in them.
builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);

// The host drops what a worker logs outside an invocation, but keeps its console: what belongs to no invocation goes there, nothing else.
builder.Logging.AddConsole();
builder.Logging.AddFilter<ConsoleLoggerProvider>(null, LogLevel.None);
builder.Logging.AddFilter<ConsoleLoggerProvider>(typeof(StartupReport).FullName, LogLevel.Information);
builder.Logging.AddFilter<ConsoleLoggerProvider>(typeof(RefusalReport).FullName, LogLevel.Information);

builder.Build().Run();
