using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace ConversationLookup.Mutations;

/// <summary>
/// Puts faults into a file, each behind a switch, so that the whole is built once: <c>a &lt; b</c> becomes
/// <c>(Mutant.Is(7) ? a &lt;= b : a &lt; b)</c>. What does not compile then is left out by whoever builds.
/// </summary>
/// <param name="file">Its name relative to the repository.</param>
/// <param name="firstId">The id of its first mutant.</param>
/// <param name="wanted">Which are put in; null for all.</param>
internal sealed class Mutator(string file, int firstId, IReadOnlySet<int>? wanted) : CSharpSyntaxRewriter
{
    private const string Switch = "global::ConversationLookup.Mutant.Is";

    private static readonly Dictionary<SyntaxKind, string> Turned = new()
    {
        [SyntaxKind.LessThanExpression] = "<=",
        [SyntaxKind.LessThanOrEqualExpression] = "<",
        [SyntaxKind.GreaterThanExpression] = ">=",
        [SyntaxKind.GreaterThanOrEqualExpression] = ">",
        [SyntaxKind.EqualsExpression] = "!=",
        [SyntaxKind.NotEqualsExpression] = "==",
        [SyntaxKind.LogicalAndExpression] = "||",
        [SyntaxKind.LogicalOrExpression] = "&&",
        [SyntaxKind.AddExpression] = "-",
        [SyntaxKind.SubtractExpression] = "+",
    };

    private static readonly Dictionary<SyntaxKind, SyntaxKind> Moved = new()
    {
        [SyntaxKind.LessThanToken] = SyntaxKind.LessThanEqualsToken,
        [SyntaxKind.LessThanEqualsToken] = SyntaxKind.LessThanToken,
        [SyntaxKind.GreaterThanToken] = SyntaxKind.GreaterThanEqualsToken,
        [SyntaxKind.GreaterThanEqualsToken] = SyntaxKind.GreaterThanToken,
    };

    private static readonly string[] Queries = ["PurgeAsync", "QueryAsync"];

    private readonly List<Mutant> _all = [];

    /// <summary>Every one that could be put in, in the order of the code.</summary>
    public IReadOnlyList<Mutant> All => _all;

    public override SyntaxNode? VisitAttribute(AttributeSyntax node) => node;

    public override SyntaxNode? VisitBinaryExpression(BinaryExpressionSyntax node)
    {
        var id = Turned.ContainsKey(node.Kind()) && !IsText(node.Left) && !IsText(node.Right) ? Add(node, $"{node.OperatorToken.Text} turned") : null;
        var visited = (BinaryExpressionSyntax)base.VisitBinaryExpression(node)!;
        if (id is not { } number)
            return visited;
        // Its operands without other faults: only one is on at a time, and nested copies would grow without end.
        var turned = SyntaxFactory.ParseExpression($"({node.Left} {Turned[node.Kind()]} {node.Right})");
        return Either(number, turned, visited);
    }

    /// <summary>The pattern turned, and each of its limits moved by one. A variable that it declares would not be assigned then: such a pattern is left alone.</summary>
    public override SyntaxNode? VisitIsPatternExpression(IsPatternExpressionSyntax node)
    {
        if (node.DescendantNodes().Any(inner => inner is SingleVariableDesignationSyntax))
            return base.VisitIsPatternExpression(node);
        var turned = Add(node, "pattern turned");
        var moved = new List<(int Id, IsPatternExpressionSyntax Node)>();
        foreach (var limit in node.DescendantNodes().OfType<RelationalPatternSyntax>())
        {
            if (Add(limit, "limit moved") is { } id)
                moved.Add((id, node.ReplaceNode(limit, Move(limit))));
        }

        var visited = (ExpressionSyntax)base.VisitIsPatternExpression(node)!;
        foreach (var (id, mutated) in moved)
            visited = Either(id, SyntaxFactory.ParseExpression(mutated.ToString()), visited);
        return turned is { } number ? Either(number, SyntaxFactory.ParseExpression($"!({node})"), visited) : visited;
    }

    /// <summary>What becomes a query of a table cannot have a switch in it: the switch is around it.</summary>
    public override SyntaxNode? VisitSimpleLambdaExpression(SimpleLambdaExpressionSyntax node)
    {
        if (node.Parent is not ArgumentSyntax { Parent.Parent: InvocationExpressionSyntax call } || !Queries.Any(call.Expression.ToString().Contains))
            return base.VisitSimpleLambdaExpression(node);
        ExpressionSyntax visited = SyntaxFactory.ParenthesizedExpression(node);
        foreach (var comparison in node.DescendantNodes().OfType<BinaryExpressionSyntax>().Where(inner => Turned.ContainsKey(inner.Kind())))
        {
            if (Add(comparison, $"{comparison.OperatorToken.Text} turned") is { } id)
                visited = Either(id, SyntaxFactory.ParseExpression($"({node.ReplaceNode(comparison, SyntaxFactory.ParseExpression($"{comparison.Left} {Turned[comparison.Kind()]} {comparison.Right}"))})"), visited);
        }

        return visited;
    }

    public override SyntaxNode? VisitSwitchExpressionArm(SwitchExpressionArmSyntax node)
    {
        var id = node.Pattern is DiscardPatternSyntax ? null : Add(node, "case left out");
        var visited = (SwitchExpressionArmSyntax)base.VisitSwitchExpressionArm(node)!;
        if (id is not { } number)
            return visited;
        var condition = visited.WhenClause is { } when ? Never(number, when.Condition) : SyntaxFactory.ParseExpression($"!{Switch}({number})");
        return visited.WithWhenClause(SyntaxFactory.WhenClause(condition.WithLeadingTrivia(SyntaxFactory.Space))
            .WithLeadingTrivia(SyntaxFactory.Space).WithTrailingTrivia(SyntaxFactory.Space));
    }

    public override SyntaxNode? VisitPrefixUnaryExpression(PrefixUnaryExpressionSyntax node)
    {
        var id = node.IsKind(SyntaxKind.LogicalNotExpression) ? Add(node, "! left out") : null;
        var visited = (PrefixUnaryExpressionSyntax)base.VisitPrefixUnaryExpression(node)!;
        return id is { } number ? Either(number, SyntaxFactory.ParseExpression($"{node.Operand}"), visited) : visited;
    }

    public override SyntaxNode? VisitIfStatement(IfStatementSyntax node)
    {
        var id = Add(node.Condition, "if left out");
        var visited = (IfStatementSyntax)base.VisitIfStatement(node)!;
        return id is { } number ? visited.WithCondition(Never(number, visited.Condition)) : visited;
    }

    public override SyntaxNode? VisitConditionalExpression(ConditionalExpressionSyntax node)
    {
        var id = Add(node.Condition, "always the second of two");
        var visited = (ConditionalExpressionSyntax)base.VisitConditionalExpression(node)!;
        return id is { } number ? visited.WithCondition(SyntaxFactory.ParenthesizedExpression(Never(number, visited.Condition))) : visited;
    }

    public override SyntaxNode? VisitExpressionStatement(ExpressionStatementSyntax node)
    {
        var id = Add(node, "statement removed");
        var visited = (ExpressionStatementSyntax)base.VisitExpressionStatement(node)!;
        return id is { } number // in a block of its own: an else behind it belongs to what is around
            ? SyntaxFactory.ParseStatement($"{{ if (!{Switch}({number})) {{ {visited.ToString()} }} }}").WithTriviaFrom(visited)
            : visited;
    }

    public override SyntaxNode? VisitLiteralExpression(LiteralExpressionSyntax node)
    {
        var other = node.Kind() switch
        {
            SyntaxKind.TrueLiteralExpression => "false",
            SyntaxKind.FalseLiteralExpression => "true",
            SyntaxKind.NumericLiteralExpression when node.Token.Value is int number => number == 0 ? "1" : $"{2 * number}",
            _ => null,
        };
        return other is not null && Add(node, $"{node} is {other}") is { } id ? Either(id, SyntaxFactory.ParseExpression(other), node) : node;
    }

    /// <summary>A constant number becomes a property, if nothing in its file needs it to be constant.</summary>
    public override SyntaxNode? VisitFieldDeclaration(FieldDeclarationSyntax node)
    {
        if (!node.Modifiers.Any(SyntaxKind.ConstKeyword))
            return base.VisitFieldDeclaration(node);
        if (node is not { Declaration: { Type: PredefinedTypeSyntax { Keyword.RawKind: (int)SyntaxKind.IntKeyword or (int)SyntaxKind.LongKeyword } type, Variables: [var constant] } }
            || !node.Modifiers.Any(SyntaxKind.PrivateKeyword) || IsNeeded(constant.Identifier.Text, node.SyntaxTree.GetRoot()) || Add(constant, "one more") is not { } id)
            return node;
        var value = constant.Initializer!.Value;
        return SyntaxFactory.ParseMemberDeclaration($"private static {type} {constant.Identifier.Text} => {Switch}({id}) ? ({value}) + 1 : {value};")!.WithTriviaFrom(node);
    }

    /// <summary>What is to be constant, and parts of patterns, stay as they are.</summary>
    public override SyntaxNode? VisitLocalDeclarationStatement(LocalDeclarationStatementSyntax node) => node.IsConst ? node : base.VisitLocalDeclarationStatement(node);

    public override SyntaxNode? VisitConstantPattern(ConstantPatternSyntax node) => node;

    public override SyntaxNode? VisitRelationalPattern(RelationalPatternSyntax node) => node;

    public override SyntaxNode? VisitParameter(ParameterSyntax node) => node;

    public override SyntaxNode? VisitEnumMemberDeclaration(EnumMemberDeclarationSyntax node) => node;

    public override SyntaxNode? VisitInterpolationFormatClause(InterpolationFormatClauseSyntax node) => node;

    private static bool IsText(ExpressionSyntax node) => node is InterpolatedStringExpressionSyntax || node.IsKind(SyntaxKind.StringLiteralExpression);

    private static bool IsNeeded(string constant, SyntaxNode root) => root.DescendantNodes().OfType<IdentifierNameSyntax>().Any(name =>
        name.Identifier.Text == constant
        && name.Ancestors().Any(outer => outer is PatternSyntax or AttributeSyntax or ParameterSyntax or CaseSwitchLabelSyntax or LocalDeclarationStatementSyntax { IsConst: true }
            || outer is FieldDeclarationSyntax field && field.Modifiers.Any(SyntaxKind.ConstKeyword)));

    private static RelationalPatternSyntax Move(RelationalPatternSyntax limit) => limit.WithOperatorToken(
        SyntaxFactory.Token(Moved[limit.OperatorToken.Kind()]).WithTriviaFrom(limit.OperatorToken));

    private int? Add(SyntaxNode node, string kind)
    {
        var id = firstId + _all.Count;
        var code = string.Join(' ', node.ToString().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        _all.Add(new Mutant(id, file, node.GetLocation().GetLineSpan().StartLinePosition.Line + 1, kind, code.Length > 120 ? code[..117] + "..." : code));
        return wanted?.Contains(id) is false ? null : id;
    }

    /// <summary>Variables that a condition declares are then assigned where it is true, and only there.</summary>
    private static BinaryExpressionSyntax Never(int id, ExpressionSyntax condition) => SyntaxFactory.BinaryExpression(
        SyntaxKind.LogicalAndExpression, SyntaxFactory.ParseExpression($"!{Switch}({id})"), SyntaxFactory.ParenthesizedExpression(condition));

    private static ParenthesizedExpressionSyntax Either(int id, ExpressionSyntax mutated, ExpressionSyntax original) => SyntaxFactory.ParenthesizedExpression(
        SyntaxFactory.ConditionalExpression(
            SyntaxFactory.ParseExpression($"{Switch}({id})").WithTrailingTrivia(SyntaxFactory.Space),
            mutated.WithLeadingTrivia(SyntaxFactory.Space).WithTrailingTrivia(SyntaxFactory.Space),
            original.WithLeadingTrivia(SyntaxFactory.Space))).WithTriviaFrom(original);
}
