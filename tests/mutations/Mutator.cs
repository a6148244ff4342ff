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
    };

    private readonly List<Mutant> _all = [];

    /// <summary>Every one that could be put in, in the order of the code.</summary>
    public IReadOnlyList<Mutant> All => _all;

    public override SyntaxNode? VisitAttribute(AttributeSyntax node) => node;

    public override SyntaxNode? VisitBinaryExpression(BinaryExpressionSyntax node)
    {
        var id = Turned.ContainsKey(node.Kind()) ? Add(node, $"{node.OperatorToken.Text} turned") : null;
        var visited = (BinaryExpressionSyntax)base.VisitBinaryExpression(node)!;
        if (id is not { } number)
            return visited;
        // Its operands without other faults: only one is on at a time, and nested copies would grow without end.
        var turned = SyntaxFactory.ParseExpression($"({node.Left} {Turned[node.Kind()]} {node.Right})");
        return Either(number, turned, visited);
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
        return id is { } number
            ? SyntaxFactory.ParseStatement($"if (!{Switch}({number})) {{ {visited.ToString()} }}").WithTriviaFrom(visited)
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

    /// <summary>No expression that is to be constant, and no part of a pattern.</summary>
    public override SyntaxNode? VisitFieldDeclaration(FieldDeclarationSyntax node) => node.Modifiers.Any(SyntaxKind.ConstKeyword) ? node : base.VisitFieldDeclaration(node);

    public override SyntaxNode? VisitLocalDeclarationStatement(LocalDeclarationStatementSyntax node) => node.IsConst ? node : base.VisitLocalDeclarationStatement(node);

    public override SyntaxNode? VisitConstantPattern(ConstantPatternSyntax node) => node;

    public override SyntaxNode? VisitRelationalPattern(RelationalPatternSyntax node) => node;

    public override SyntaxNode? VisitParameter(ParameterSyntax node) => node;

    public override SyntaxNode? VisitEnumMemberDeclaration(EnumMemberDeclarationSyntax node) => node;

    public override SyntaxNode? VisitInterpolationFormatClause(InterpolationFormatClauseSyntax node) => node;

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
