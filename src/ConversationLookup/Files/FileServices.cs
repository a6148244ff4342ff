using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace ConversationLookup.Files;

/// <summary>Registers what gets the files of messages.</summary>
public static class FileServices
{
    /// <summary>Adds <see cref="FileHandlers"/>.</summary>
    public static IServiceCollection AddFiles(this IServiceCollection services, IConfiguration configuration)
    {
        FilesOptions.Settings.AddTo(services, configuration);
        return services.AddSingleton<FileFetcher>().AddSingleton<FileHandlers>();
    }
}
