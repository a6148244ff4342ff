using ConversationLookup.Conversations;
using ConversationLookup.Problems;
using ConversationLookup.Values;
using ConversationLookup.Wassist;

namespace ConversationLookup.Actions;

/// <summary>What an account has to pick from: agents, numbers, templates. Asked for at most once a minute.</summary>
public sealed class WassistDirectory(AnswerCache cache, WassistClient wassist)
{
    private static readonly Keeping AMinute = new(60);

    public ValueTask<Retrieved<IReadOnlyList<WassistAgent>>> ListAgentsAsync(CancellationToken cancellationToken) =>
        cache.ShareAsync("agents", "agents", wassist.ListAgentsAsync, AMinute, fresh: false, since: default, cancellationToken);

    public ValueTask<Retrieved<IReadOnlyList<WassistNumber>>> ListNumbersAsync(CancellationToken cancellationToken) =>
        cache.ShareAsync("numbers", "numbers", wassist.ListNumbersAsync, AMinute, fresh: false, since: default, cancellationToken);

    /// <returns>The business's own number; null where none is given, or it is not the account's.</returns>
    public async ValueTask<WassistNumber?> FindNumberAsync(string? businessPhoneNumber, CancellationToken cancellationToken) => businessPhoneNumber is null
        ? null
        : (await ListNumbersAsync(cancellationToken)).Value.FirstOrDefault(number => number.PhoneNumber == businessPhoneNumber);

    /// <summary>Templates that may be sent from a number; from any, where none is given.</summary>
    public async Task<IReadOnlyList<WassistTemplate>> ListTemplatesAsync(string? businessPhoneNumber, CancellationToken cancellationToken) =>
        (await ListTemplatesForAsync(businessPhoneNumber, cancellationToken)).Sendable;

    /// <summary>One template that may be sent from a number, and that this app can fill.</summary>
    /// <exception cref="ProblemException"><c>template_not_found</c>, with near names; or <c>invalid_parameter</c>, for one that cannot be filled.</exception>
    public async Task<WassistTemplate> GetTemplateAsync(string name, string? businessPhoneNumber, CancellationToken cancellationToken)
    {
        var (all, sendable) = await ListTemplatesForAsync(businessPhoneNumber, cancellationToken);
        var found = sendable.FirstOrDefault(template => template.Name == name);
        if (found is null)
            throw new ProblemException(Catalogue.TemplateNotFound(Explain(name, all, sendable)));
        return TemplateField.Obstacle(found) is { } obstacle
            ? throw new ProblemException(Catalogue.InvalidRequest([Catalogue.InvalidParameter("templateName", $"{obstacle} Choose another one.")]))
            : found;
    }

    private async Task<(IReadOnlyList<WassistTemplate> All, IReadOnlyList<WassistTemplate> Sendable)> ListTemplatesForAsync(
        string? businessPhoneNumber, CancellationToken cancellationToken)
    {
        var number = await FindNumberAsync(businessPhoneNumber, cancellationToken);
        if (number is { IsSandbox: true })
            return ([], []);
        var all = (await cache.ShareAsync("templates", "templates", wassist.ListTemplatesAsync, AMinute, fresh: false, since: default, cancellationToken)).Value;
        return (all, [.. all.Where(template => template.IsApprovedFor(number))]);
    }

    private static string Explain(string name, IReadOnlyList<WassistTemplate> all, IReadOnlyList<WassistTemplate> sendable)
    {
        var said = $"'{Catalogue.Plain(name)}'";
        if (all.Any(template => template.Name == name))
            return $"The template {said} is not approved for this number. Check it in Wassist, or choose another one.";
        string[] names = [.. sendable.Select(template => template.Name).Distinct()];
        return names.Length == 0 ? $"No template is approved for this number, so {said} cannot be sent."
            : NearestName.Of(name, names) is { } near ? $"No template is named {said}. Did you mean '{Catalogue.Plain(near)}'?"
            : $"No template is named {said}. There are: {string.Join(", ", names.Take(10).Select(Catalogue.Plain))}.";
    }
}
