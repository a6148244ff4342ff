using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ModelContextProtocol.AspNetCore;
using ModelContextProtocol.Server;

namespace ConversationLookup.Agents;

/// <summary>Registers what AI agents may call.</summary>
public static class AgentServices
{
    /// <summary>Adds <see cref="McpHandlers"/>.</summary>
    public static IServiceCollection AddAgents(this IServiceCollection services)
    {
        // The SDK's lines have names of tools as callers wrote them, and its finest ones whole messages. AgentToolbox says what went wrong.
        services.AddLogging(logging => logging.AddFilter(nameof(ModelContextProtocol), LogLevel.None));
        services.AddMcpServer().WithHttpTransport(transport => transport.SessionMode = HttpServerSessionMode.Stateless);
        services.AddOptions<McpServerOptions>().Configure<AgentToolbox>((options, toolbox) => toolbox.Configure(options));
        return services
            .AddSingleton<AgentToolbox>()
            .AddSingleton<McpServerEndpoint>()
            .AddSingleton<McpHandlers>();
    }
}
