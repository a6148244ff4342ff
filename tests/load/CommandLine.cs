namespace ConversationLookup.Load;

/// <summary>Reads a program's options: every one is a property, written <c>--upstream-faults 5</c>.</summary>
internal static class CommandLine
{
    /// <exception cref="ArgumentException">An option that there is not.</exception>
    public static T Parse<T>(string[] arguments)
        where T : class, new()
    {
        var configuration = new ConfigurationBuilder().AddCommandLine(
            [.. arguments.Select(argument => argument.StartsWith("--", StringComparison.Ordinal) ? "--" + argument[2..].Replace("-", "", StringComparison.Ordinal) : argument)]).Build();
        var known = typeof(T).GetProperties().Select(property => property.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
        return configuration.AsEnumerable().Select(option => option.Key).FirstOrDefault(option => !known.Contains(option)) is { } unknown
            ? throw new ArgumentException($"There is no option '{unknown}'. There are: {string.Join(", ", known.Order())}.")
            : configuration.Get<T>() ?? new T();
    }
}
