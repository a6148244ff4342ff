using System.Reflection;

namespace ConversationLookup.FunctionsHost;

/// <summary>The function app as building this project publishes it: what <c>azd deploy</c> ships.</summary>
public static class PublishedApp
{
    /// <summary>The published folder.</summary>
    public static string Directory => Metadata("PublishedApp");

    /// <summary>The checkout this was built from.</summary>
    internal static string RepositoryRoot => Metadata("RepositoryRoot");

    private static string Metadata(string key) => typeof(PublishedApp).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(metadata => metadata.Key == key).Value!;
}
