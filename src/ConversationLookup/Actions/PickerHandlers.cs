using System.Text.Json.Nodes;
using ConversationLookup.Http;
using ConversationLookup.Problems;
using ConversationLookup.Wassist;
using Microsoft.AspNetCore.Http;

namespace ConversationLookup.Actions;

/// <summary>What a maker picks from instead of typing, the same for every host.</summary>
public sealed class PickerHandlers(WassistDirectory directory, ProblemBoundary boundary)
{
    /// <summary><c>GET agents</c>: 200 with an <see cref="AgentList"/>, or a problem. Never throws.</summary>
    public Task<IResult> ListAgentsAsync(HttpRequest request, CancellationToken cancellationToken) => boundary.AnswerAsync(
        "list_agents",
        request,
        async cancellationToken =>
        {
            var agents = (await directory.ListAgentsAsync(cancellationToken)).Value;
            var items = agents.Where(agent => agent.Id is not null).Select(agent => new AgentItem(agent.Id!, agent.Name ?? agent.Id!)).DistinctBy(agent => agent.Id);
            return JsonResult.From(StatusCodes.Status200OK, new AgentList([.. items]), ActionJson.Payload.AgentList);
        },
        cancellationToken);

    /// <summary><c>GET business-numbers</c>: 200 with a <see cref="BusinessNumberList"/>, or a problem. Never throws.</summary>
    public Task<IResult> ListBusinessNumbersAsync(HttpRequest request, CancellationToken cancellationToken) => boundary.AnswerAsync(
        "list_business_numbers",
        request,
        async cancellationToken =>
        {
            var numbers = (await directory.ListNumbersAsync(cancellationToken)).Value;
            var items = numbers.Select(number => new BusinessNumberItem(
                number.PhoneNumber, number.Name ?? number.PhoneNumber, TitleOf(number), number.Agent?.Id ?? "", number.Agent?.Name ?? "", number.IsSandbox ?? false));
            return JsonResult.From(StatusCodes.Status200OK, new BusinessNumberList([.. items]), ActionJson.Payload.BusinessNumberList);
        },
        cancellationToken);

    /// <summary><c>GET templates?businessPhoneNumber=</c>: 200 with a <see cref="TemplateList"/>, or a problem. Never throws.</summary>
    public Task<IResult> ListTemplatesAsync(HttpRequest request, CancellationToken cancellationToken) => boundary.AnswerAsync(
        "list_templates",
        request,
        async cancellationToken =>
        {
            var templates = await directory.ListTemplatesAsync(ReadNumber(request), cancellationToken);
            var items = templates.Where(template => TemplateField.Obstacle(template) is null).DistinctBy(template => template.Name).Select(template => new TemplateItem(
                template.Name,
                template.Language is { } language ? $"{template.Name} ({language})" : template.Name,
                template.Category ?? "",
                template.Language ?? "",
                TemplateField.Preview(template)));
            return JsonResult.From(StatusCodes.Status200OK, new TemplateList([.. items]), ActionJson.Payload.TemplateList);
        },
        cancellationToken,
        readsQuery: true);

    /// <summary>
    /// <c>GET templates/{name}/schema?businessPhoneNumber=</c>: 200 with a JSON schema of the template's <c>values</c> and a preview, or a
    /// problem. Never throws.
    /// </summary>
    /// <param name="name">The route value.</param>
    public Task<IResult> GetTemplateSchemaAsync(HttpRequest request, string name, CancellationToken cancellationToken) => boundary.AnswerAsync(
        "get_template_schema",
        request,
        async cancellationToken =>
        {
            var template = await directory.GetTemplateAsync(name, ReadNumber(request), cancellationToken);
            var fields = TemplateField.Of(template);
            var properties = new JsonObject(fields.Select(field => KeyValuePair.Create<string, JsonNode?>(field.Name, new JsonObject
            {
                ["type"] = "string",
                ["title"] = field.Title,
                ["x-ms-summary"] = field.Title,
                ["description"] = $"Fills {field.Place}.",
            })));
            return JsonResult.From(new JsonObject
            {
                ["schema"] = new JsonObject
                {
                    ["type"] = "object",
                    ["properties"] = properties,
                    ["required"] = new JsonArray([.. fields.Select(field => JsonValue.Create(field.Name))]), // a designer forgets values of those that are not
                },
                ["preview"] = TemplateField.Preview(template),
            });
        },
        cancellationToken,
        readsQuery: true);

    /// <summary>An account's name alone would not tell its numbers apart.</summary>
    private static string TitleOf(WassistNumber number)
    {
        var title = number.Name is { } name ? $"{name} ({number.PhoneNumber})" : number.PhoneNumber;
        return number.IsSandbox is true ? $"{title}, sandbox" : title;
    }

    private static string? ReadNumber(HttpRequest request)
    {
        var faults = new List<Fault>();
        var parameters = new QueryParameters(request.Query, faults);
        var number = parameters.PhoneNumber("businessPhoneNumber");
        parameters.RefuseOthers();
        return faults.Count == 0 ? number : throw new ProblemException(Catalogue.InvalidRequest(faults));
    }
}

/// <summary>The account's agents.</summary>
public sealed record AgentList(IReadOnlyList<AgentItem> Items);

/// <summary>An agent; everything else that Wassist says of one stays there.</summary>
public sealed record AgentItem(string Id, string Name);

/// <summary>The account's WhatsApp numbers.</summary>
public sealed record BusinessNumberList(IReadOnlyList<BusinessNumberItem> Items);

/// <summary>A WhatsApp number.</summary>
/// <param name="BusinessPhoneNumber">E.164.</param>
/// <param name="Name">That of its account; the number where there is none.</param>
/// <param name="Title">For a person to pick.</param>
/// <param name="AgentId">Who answers there; <c>""</c> for nobody.</param>
/// <param name="AgentName">Likewise.</param>
/// <param name="IsSandbox">Whether it is Wassist's shared test number.</param>
public sealed record BusinessNumberItem(string BusinessPhoneNumber, string Name, string Title, string AgentId, string AgentName, bool IsSandbox);

/// <summary>Templates that may be sent.</summary>
public sealed record TemplateList(IReadOnlyList<TemplateItem> Items);

/// <summary>A template.</summary>
/// <param name="Name">What it is sent by.</param>
/// <param name="Title">For a person to pick.</param>
/// <param name="Category">Meta's, such as <c>UTILITY</c>; <c>""</c> when unknown.</param>
/// <param name="Language">Such as <c>en_US</c>; <c>""</c> when unknown.</param>
/// <param name="Preview">Its text with its placeholders.</param>
public sealed record TemplateItem(string Name, string Title, string Category, string Language, string Preview);
