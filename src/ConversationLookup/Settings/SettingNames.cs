using ConversationLookup.Values;
using Microsoft.Extensions.Configuration;

namespace ConversationLookup.Settings;

/// <summary>Names of settings that nothing reads, although somebody meant them for this app. Pure.</summary>
public static class SettingNames
{
    /// <summary>The environment is full of other programs' names: only so few letters may differ there.</summary>
    private const int FewChanges = 2;

    /// <returns>A sentence for each such name, with the nearest right one; never a value.</returns>
    public static IReadOnlyList<string> Unknown(IConfiguration configuration, IEnumerable<ISettingsSection> sections)
    {
        var known = sections.ToList();
        var names = known.SelectMany(section => section.Settings.Select(setting => PathOf(section, setting)).Concat(section.HasOwnValue ? [section.Name] : []))
            .Select(path => (path, Letters(path))).ToList();
        return [.. configuration.AsEnumerable()
            .Where(setting => setting.Value is not null)
            .Select(setting => Warning(setting.Key, known, names))
            .OfType<string>()
            .Order(StringComparer.Ordinal)];
    }

    private static string? Warning(string path, IReadOnlyList<ISettingsSection> sections, IReadOnlyList<(string Path, string Letters)> names)
    {
        if (sections.Any(section => Same(path, section.Name) || section.Settings.Concat(section.Others).Any(setting => Same(path, PathOf(section, setting)))))
            return null;
        var separator = path.IndexOf(':', StringComparison.Ordinal);
        var own = sections.FirstOrDefault(section => section.Name.Length > 0 && separator > 0 && Same(section.Name, path[..separator]));
        if (own is null)
            return NearestOfAll(path, names) is { } right ? $"'{path}' is not a setting of this app. {DidYouMean(right)}" : null;
        if (NearestName.Of(path[(separator + 1)..], own.Settings) is { } near)
            return $"'{path}' is not a setting of this app. {DidYouMean(PathOf(own, near))}";
        return own.IsShared ? null : $"'{path}' is not a setting of this app. Those under '{own.Name}' are {string.Join(", ", own.Settings)}.";
    }

    private static string DidYouMean(string path) => path.Contains(':', StringComparison.Ordinal)
        ? $"Did you mean '{path}' (in the environment '{path.Replace(":", "__", StringComparison.Ordinal)}')?"
        : $"Did you mean '{path}'?";

    /// <summary>For a name whose section is misspelled, or whose separator is not the right one: <c>Wassist_ApiKey</c>.</summary>
    private static string? NearestOfAll(string path, IReadOnlyList<(string Path, string Letters)> names)
    {
        var letters = Letters(path);
        return names.FirstOrDefault(name =>
            Math.Abs(name.Letters.Length - letters.Length) <= FewChanges // as many changes are needed at least; nearly all names end here
            && NearestName.Changes(letters, name.Letters) <= FewChanges).Path;
    }

    private static string PathOf(ISettingsSection section, string setting) => section.Name.Length == 0 ? setting : $"{section.Name}:{setting}";

    private static string Letters(string path) => string.Concat(path.Where(char.IsAsciiLetterOrDigit)).ToLowerInvariant();

    private static bool Same(string one, string other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);
}
