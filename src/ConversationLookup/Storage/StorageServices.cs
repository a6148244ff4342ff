using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace ConversationLookup.Storage;

/// <summary>Registers the storage account and its queues.</summary>
public static class StorageServices
{
    /// <summary>Adds <see cref="AppStorage"/>.</summary>
    public static IServiceCollection AddStorage(this IServiceCollection services, IConfiguration configuration)
    {
        StorageOptions.Settings.AddTo(services, configuration);
        return services.AddSingleton<AppStorage>();
    }

    /// <summary>Adds the <see cref="WorkQueue{T}"/> of one kind of work.</summary>
    /// <param name="name">One of <see cref="StorageNames.Queues"/>.</param>
    /// <param name="typeInfo">How the work is written.</param>
    /// <param name="shorten">The part of it that always fits into a message.</param>
    public static IServiceCollection AddWorkQueue<T>(this IServiceCollection services, string name, JsonTypeInfo<T> typeInfo, Func<T, T> shorten)
        where T : class =>
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<WorkQueue<T>>(provider, name, typeInfo, shorten));
}
