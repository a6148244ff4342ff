using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Template;

namespace ConversationLookup.FunctionsHost.Http;

/// <summary>Finds the function for a request as the real host does: the first, in their order, whose route and method fit.</summary>
internal sealed class RouteTable(IEnumerable<Function> functions, string prefix)
{
    private readonly IReadOnlyList<Entry> _entries =
    [
        .. from function in functions
           let trigger = function.Trigger as HttpTrigger
           where trigger is not null
           select new Entry(function, trigger, new TemplateMatcher(TemplateParser.Parse($"{prefix}/{trigger.Route}"), [])),
    ];

    public bool TryMatch(HttpRequest request, [NotNullWhen(true)] out Function? function, out RouteValueDictionary values)
    {
        foreach (var entry in _entries)
        {
            values = [];
            if (entry.Trigger.Methods.Contains(request.Method, StringComparer.OrdinalIgnoreCase) && entry.Matcher.TryMatch(request.Path, values))
            {
                function = entry.Function;
                return true;
            }
        }

        (function, values) = (null, []);
        return false;
    }

    private sealed record Entry(Function Function, HttpTrigger Trigger, TemplateMatcher Matcher);
}
