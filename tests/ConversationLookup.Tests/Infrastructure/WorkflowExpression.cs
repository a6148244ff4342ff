using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace ConversationLookup.Tests.Infrastructure;

/// <summary>
/// The workflow definition language of Logic Apps and Power Automate, as far as the samples speak it: <c>@expression</c> as a whole text,
/// <c>@{expression}</c> within one, function calls, literals, and <c>?['member']</c>, which here must exist: in a sample, a member that
/// does not is a mistake.
/// </summary>
internal sealed partial class WorkflowExpression(Func<string, IReadOnlyList<JsonNode?>, JsonNode?> call)
{
    /// <summary>A value with every expression in it replaced by what it stands for.</summary>
    public JsonNode? Evaluate(JsonNode? value) => value switch
    {
        JsonObject members => new JsonObject(members.Select(member => KeyValuePair.Create(member.Key, Evaluate(member.Value)))),
        JsonArray items => new JsonArray([.. items.Select(Evaluate)]),
        JsonValue text when text.TryGetValue<string>(out var template) => Evaluate(template),
        _ => value?.DeepClone(),
    };

    private JsonNode? Evaluate(string template)
    {
        if (template.StartsWith('@') && !template.StartsWith("@{", StringComparison.Ordinal))
            return Read(template[1..])?.DeepClone();

        var text = new StringBuilder();
        for (var position = 0; position < template.Length;)
        {
            var start = template.IndexOf("@{", position, StringComparison.Ordinal);
            if (start < 0)
            {
                text.Append(template, position, template.Length - position);
                break;
            }

            var end = template.IndexOf('}', start);
            text.Append(template, position, start - position).Append(Read(template[(start + 2)..end]));
            position = end + 1;
        }

        return text.ToString();
    }

    private JsonNode? Read(string expression)
    {
        var tokens = new Queue<string>(Token().Matches(expression).Select(match => match.Value));
        Assert.Equal(expression.Replace(" ", "", StringComparison.Ordinal), string.Concat(tokens).Replace(" ", "", StringComparison.Ordinal)); // nothing was passed over
        var value = Read(tokens);
        Assert.Empty(tokens);
        return value;
    }

    private JsonNode? Read(Queue<string> tokens)
    {
        var token = tokens.Dequeue();
        JsonNode? value;
        if (token[0] == '\'')
        {
            value = token[1..^1];
        }
        else if (int.TryParse(token, CultureInfo.InvariantCulture, out var number))
        {
            value = number;
        }
        else
        {
            Assert.Equal("(", tokens.Dequeue());
            var arguments = new List<JsonNode?>();
            while (tokens.Peek() != ")")
            {
                arguments.Add(Read(tokens));
                if (tokens.Peek() == ",")
                    tokens.Dequeue();
            }

            tokens.Dequeue();
            value = call(token, arguments);
        }

        while (tokens.TryPeek(out var next) && next.StartsWith("?[", StringComparison.Ordinal))
            value = Member(value, tokens.Dequeue()[3..^2]);
        return value;
    }

    /// <summary>A member, or with slashes one further down, as Power Automate's designer writes it.</summary>
    private static JsonNode? Member(JsonNode? value, string path)
    {
        foreach (var name in path.Split('/'))
        {
            Assert.True(value is JsonObject members && members.ContainsKey(name), $"There is no '{name}' of '{path}' in {value}");
            value = value![name];
        }

        return value;
    }

    [GeneratedRegex(@"\?\['[^']*'\]|'[^']*'|[A-Za-z]+|[0-9]+|[(),]")]
    private static partial Regex Token();
}
