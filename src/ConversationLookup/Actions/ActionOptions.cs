using System.Collections.Frozen;
using System.Text.Json;
using ConversationLookup.Problems;
using ConversationLookup.Settings;
using ConversationLookup.Values;
using Microsoft.Extensions.Options;

namespace ConversationLookup.Actions;

/// <summary>What a flow may do; also the names of the connector's operations.</summary>
public enum ConversationAction
{
    SendMessage,
    SendTemplate,
    PromptAgent,
    TakeOver,
    HandBack,
    MarkRead,
    ShowTyping,
    StartConversation,
}

/// <summary>Names of actions.</summary>
public static class ActionNames
{
    /// <summary>As the numbers and traces have it: <c>send_message</c>.</summary>
    public static string ToOperation(this ConversationAction action) => JsonNamingPolicy.SnakeCaseLower.ConvertName(action.ToString());
}

/// <summary>The settings under <c>Actions:</c>.</summary>
public sealed class ActionOptions
{
    private const string Every = "all";

    private static readonly IReadOnlyList<string> Names = Enum.GetNames<ConversationAction>();

    public static SettingsSection<ActionOptions> Settings { get; } = new(
        "Actions",
        new SettingRule<ActionOptions>(
            nameof(Allowed),
            $"must be 'all', or names separated by commas: {string.Join(", ", Names)}.",
            options => options.GetNames().All(name => name.Equals(Every, StringComparison.OrdinalIgnoreCase) || Names.Contains(name, StringComparer.OrdinalIgnoreCase))));

    /// <summary>Which actions flows may have done, by name, separated by commas; <c>all</c>; or nothing, which allows none.</summary>
    public string Allowed { get; set; } = "";

    public FrozenSet<ConversationAction> GetAllowed() => GetNames().Contains(Every, StringComparer.OrdinalIgnoreCase)
        ? Enum.GetValues<ConversationAction>().ToFrozenSet()
        : GetNames().Select(name => Enum.Parse<ConversationAction>(name, ignoreCase: true)).ToFrozenSet();

    private string[] GetNames() => Texts.Split(Allowed);
}

/// <summary>Whether the operator allows an action: it costs money and speaks for the business, so nothing is allowed that is not named.</summary>
public sealed class ActionPolicy(IOptions<ActionOptions> options)
{
    private readonly FrozenSet<ConversationAction> _allowed = options.Value.GetAllowed();

    public bool Allows(ConversationAction action) => _allowed.Contains(action);

    /// <exception cref="ProblemException"><c>action_not_allowed</c>.</exception>
    public void Require(ConversationAction action)
    {
        if (!Allows(action))
            throw new ProblemException(Catalogue.ActionNotAllowed(action.ToString()));
    }
}
