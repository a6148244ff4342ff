using System.Globalization;
using System.Reflection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace ConversationLookup.Settings;

/// <summary>The settings that have one name before the colon.</summary>
public interface ISettingsSection
{
    /// <summary>Such as <c>Lookup</c>; empty for settings that have no colon.</summary>
    string Name { get; }

    /// <summary>Whether other programs may have settings here, so that an unknown name is no fault.</summary>
    bool IsShared { get; }

    /// <summary>Whether the name before the colon is a setting itself.</summary>
    bool HasOwnValue { get; }

    /// <summary>What may stand after the colon.</summary>
    IReadOnlyList<string> Settings { get; }

    /// <summary>What other programs read here that looks like one of <see cref="Settings"/>.</summary>
    IReadOnlyList<string> Others { get; }

    /// <summary>Everything that is wrong, each as a sentence that begins with the setting. No value is repeated: it may be a secret.</summary>
    IReadOnlyList<string> Faults(IConfiguration configuration);
}

/// <summary>What a setting must be.</summary>
/// <param name="Setting">The property's name.</param>
/// <param name="Must">What follows the setting's name in a fault; it is also said of a text that cannot be read.</param>
/// <param name="Holds">Whether the value is right.</param>
public sealed record SettingRule<T>(string Setting, string Must, Func<T, bool> Holds);

/// <summary>The settings that are the public properties of <typeparamref name="T"/>.</summary>
/// <param name="name">What stands before the colon.</param>
/// <param name="rules">Of several for one setting the first that is broken counts. Whatever is no text must have one.</param>
public sealed class SettingsSection<T>(string name, params IReadOnlyList<SettingRule<T>> rules) : ISettingsSection
    where T : class, new()
{
    private static readonly PropertyInfo[] Properties = [.. typeof(T).GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.GetSetMethod() is not null)];

    public string Name => name;

    public bool IsShared { get; init; }

    public IReadOnlyList<string> Others { get; init; } = [];

    /// <summary>Takes the value of the section's own name, if that is a setting, too.</summary>
    public Action<T, string?>? OwnValue { get; init; }

    public bool HasOwnValue => OwnValue is not null;

    public IReadOnlyList<string> Settings { get; } = [.. Properties.Select(property => property.Name)];

    public IReadOnlyList<string> Faults(IConfiguration configuration)
    {
        var (options, unreadable) = Read(configuration);
        return [.. rules.Where(rule => unreadable.Contains(rule.Setting) || !rule.Holds(options))
            .DistinctBy(rule => rule.Setting)
            .Select(rule => $"{PathOf(rule.Setting)} {rule.Must}")];
    }

    /// <summary>Registers the settings as <see cref="IOptions{TOptions}"/>.</summary>
    public void AddTo(IServiceCollection services, IConfiguration configuration) =>
        services.AddSingleton(Options.Create(Read(configuration).Options)).AddSingleton<ISettingsSection>(this);

    /// <summary>Reads the settings; one that is not set, or cannot be read, has its default.</summary>
    public (T Options, IReadOnlySet<string> Unreadable) Read(IConfiguration configuration)
    {
        var (options, unreadable) = (new T(), new HashSet<string>());
        if (OwnValue is not null)
            OwnValue(options, configuration[name]);
        foreach (var property in Properties)
        {
            if (configuration[PathOf(property.Name)] is not { } text)
                continue;
            if (TryRead(text, property.PropertyType, out var value))
                property.SetValue(options, value);
            else
                unreadable.Add(property.Name);
        }

        return (options, unreadable);
    }

    private string PathOf(string setting) => OwnValue is not null && !Settings.Contains(setting) ? name : name.Length == 0 ? setting : $"{name}:{setting}";

    private static bool TryRead(string text, Type type, out object? value)
    {
        value = type == typeof(string) ? text
            : type == typeof(int) ? int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var number) ? number : null
            : type == typeof(bool) ? bool.TryParse(text, out var flag) ? flag : null
            : type == typeof(TimeSpan) ? TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var time) ? time : null
            : Uri.TryCreate(text.Trim(), UriKind.RelativeOrAbsolute, out var uri) ? uri
            : null;
        if (type != typeof(Uri) || !string.IsNullOrWhiteSpace(text))
            return value is not null;
        value = null; // a blank address is one that is not set
        return true;
    }
}
