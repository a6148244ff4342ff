using System.Collections.Immutable;
using ConversationLookup.Health;
using ConversationLookup.Http;
using ConversationLookup.Problems;
using ConversationLookup.Settings;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Azure.Functions.Worker.Core.FunctionMetadata;
using Microsoft.Extensions.DependencyInjection;

namespace ConversationLookup.Functions;

/// <summary>
/// The worker when its settings are wrong. If it ended, the host would start it a few times and then answer nothing that says why. So it
/// stays: health lists what is wrong, every other route answers 503, and the queues keep their messages, because nothing reads them.
/// </summary>
internal static class WrongSettings
{
    public static void AnswerWrongSettings(this FunctionsApplicationBuilder builder, IReadOnlyList<string> faults)
    {
        // The host logs a line of the error stream as an error only when it holds such a word.
        string[] lines = [.. faults, .. SettingNames.Unknown(builder.Configuration, ConversationLookupServices.Settings)];
        foreach (var line in lines)
            Console.Error.WriteLine($"Error: Conversation Lookup did not start: {line}");

        builder.Services.AddSingleton<IFunctionMetadataProvider, HttpFunctionsOnly>();
        builder.Use(_ => context =>
        {
            context.GetInvocationResult().Value = context.FunctionDefinition.Name == nameof(HealthFunctions.GetHealth)
                ? HealthBody.WrongSettings(faults).ToResult()
                : new ProblemResult(Catalogue.InvalidSettings(), context.GetHttpContext()!.TraceIdOf());
            return Task.CompletedTask;
        });
    }

    private sealed class HttpFunctionsOnly : IFunctionMetadataProvider
    {
        public async Task<ImmutableArray<IFunctionMetadata>> GetFunctionMetadataAsync(string directory) =>
            [.. (await new GeneratedFunctionMetadataProvider().GetFunctionMetadataAsync(directory))
                .Where(function => function.RawBindings!.Any(binding => binding.Contains("\"httpTrigger\"", StringComparison.OrdinalIgnoreCase)))];
    }
}
