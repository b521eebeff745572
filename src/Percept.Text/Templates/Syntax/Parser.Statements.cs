namespace Percept.Text.Templates;

/// <summary>Tokens to nodes: tags.</summary>
internal sealed partial class Parser
{
    private readonly NameUses _uses = new();
    private readonly Stack<string> _openTags = new();

    /// <summary>The blocks of the template by name.</summary>
    internal Dictionary<string, BlockStatement> Blocks { get; } = new(StringComparer.Ordinal);

    /// <summary>Reads a whole template.</summary>
    internal Body ParseTemplate() => ParseBody([]);

    /// <summary>Reads statements up to a tag of the given names, which stays the current token.</summary>
    private Body ParseBody(ReadOnlySpan<string> ends)
    {
        Nest();
        var statements = new List<Statement>();
        while (true)
        {
            Token token = Current;
            switch (token.Kind)
            {
                case TokenKind.Data:
                    statements.Add(new DataStatement(token.At, Take().Text));
                    break;
                case TokenKind.VariableBegin:
                    _ = Take();
                    statements.Add(new OutputStatement(token.At, ParseTuple(withCondition: true)));
                    _ = Need(TokenKind.VariableEnd, "'}}'");
                    break;
                case TokenKind.BlockBegin:
                    _ = Take();
                    if (Current.Kind == TokenKind.Name && ends.Contains(Current.Text))
                    {
                        _nesting--;
                        return new Body(statements);
                    }

                    statements.AddRange(ParseStatement());
                    _ = Need(TokenKind.BlockEnd, "'%}'");
                    break;
                default:
                    if (ends.Length > 0)
                    {
                        throw Fail($"The tag '{_openTags.Peek()}' is not closed by '{ends[^1]}'.", token.At);
                    }

                    _nesting--;
                    return new Body(statements);
            }
        }
    }

    /// <summary>Reads the rest of an opening tag and the statements up to a closing one.</summary>
    private Body ParseBlock(params ReadOnlySpan<string> ends)
    {
        _ = TakeOperator(":");
        _ = Need(TokenKind.BlockEnd, "'%}'");
        return ParseBody(ends);
    }

    /// <summary>Reads the statements up to the closing tag and its name.</summary>
    private Body ParseWhole(string end)
    {
        Body body = ParseBlock(end);
        _ = Take();
        return body;
    }

    private IEnumerable<Statement> ParseStatement()
    {
        Token tag = Need(TokenKind.Name, "the name of a tag");
        _openTags.Push(tag.Text);
        Statement[] statements = tag.Text switch
        {
            "for" => [ParseFor(tag.At)],
            "if" => [ParseIf(tag.At)],
            "set" => [ParseSet(tag.At)],
            "macro" => [ParseMacro(tag.At)],
            "call" => [ParseCallBlock(tag.At)],
            "filter" => [ParseFilterBlock(tag.At)],
            "with" => [ParseWith(tag.At)],
            "generation" => [ParseGeneration(tag.At)],
            "break" => [new JumpStatement(tag.At, Flow.Break)],
            "continue" => [new JumpStatement(tag.At, Flow.Continue)],
            "autoescape" => [ParseAutoEscape(tag.At)],
            "block" => [ParseNamedBlock(tag.At)],
            "print" => ParsePrint(tag.At),
            "include" or "extends" or "import" or "from" => [ParseLoader(tag)],
            _ => throw Fail(
                _openTags.Count > 1
                    ? $"The tag '{tag.Text}' is not known here; '{_openTags.ElementAt(1)}' is open."
                    : $"The tag '{tag.Text}' is not known.",
                tag.At),
        };
        _ = _openTags.Pop();
        return statements;
    }

    private ForStatement ParseFor(int at)
    {
        Expr target = ParseTargetExpression("in");
        if (!TakeName("in"))
        {
            throw Unexpected("'in'");
        }

        Expr items = ParseTuple(withCondition: false, endName: "recursive");
        Expr? test = TakeName("if") ? ParseExpression() : null;
        bool isRecursive = TakeName("recursive");
        int loopUses = _uses.Loop;
        Body body = ParseBlock("else", "endfor");
        bool needsLoop = _uses.Loop > loopUses;
        Body otherwise = Take().Text == "else" ? ParseWhole("endfor") : new Body([]);
        Target? testTarget = test is null ? null : ToTarget(target);
        return new ForStatement(at, (ToTarget(target), testTarget), items, test, isRecursive, needsLoop, (body, otherwise));
    }

    private IfStatement ParseIf(int at)
    {
        var branches = new List<(Expr, Body)>();
        while (true)
        {
            Expr test = ParseTuple(withCondition: false);
            branches.Add((test, ParseBlock("elif", "else", "endif")));
            switch (Take().Text)
            {
                case "elif":
                    continue;
                case "else":
                    return new IfStatement(at, branches, ParseWhole("endif"));
                default:
                    return new IfStatement(at, branches, new Body([]));
            }
        }
    }

    private Statement ParseSet(int at)
    {
        Target target = ToTarget(ParseTargetExpression(null, withNamespace: true));
        if (TakeOperator("="))
        {
            return new SetStatement(at, target, ParseTuple(withCondition: true));
        }

        var filter = (FilterExpr?)ParseFilter(null);
        return new SetBlockStatement(at, target, filter, ParseWhole("endset"));
    }

    private MacroStatement ParseMacro(int at)
    {
        string name = ParseTargetName();
        return new MacroStatement(at, new NameTarget(name), ParseDefinition(at, name, "endmacro", hasParameters: true));
    }

    private CallBlockStatement ParseCallBlock(int at)
    {
        (string[] parameters, Expr?[] defaults) = Current.IsOperator("(") ? ParseParameters() : ([], []);
        Expr call = ParseExpression();
        if (call is not CallExpr called)
        {
            throw Fail("The tag 'call' needs a call.", at);
        }

        return new CallBlockStatement(at, called, ParseDefinition(at, "caller", "endcall", parameters, defaults));
    }

    private GenerationStatement ParseGeneration(int at) => new(at, ParseDefinition(at, "generation", "endgeneration", [], []));

    private MacroDefinition ParseDefinition(int at, string name, string end, bool hasParameters)
    {
        (string[] parameters, Expr?[] defaults) = hasParameters ? ParseParameters() : ([], []);
        return ParseDefinition(at, name, end, parameters, defaults);
    }

    private MacroDefinition ParseDefinition(int at, string name, string end, string[] parameters, Expr?[] defaults)
    {
        (int caller, int kwargs, int varargs) = (_uses.Caller, _uses.Kwargs, _uses.Varargs);
        Body body = ParseWhole(end);
        return new MacroDefinition(
            at, name, parameters, defaults, body, (_uses.Caller > caller, _uses.Kwargs > kwargs, _uses.Varargs > varargs));
    }

    private (string[] Parameters, Expr?[] Defaults) ParseParameters()
    {
        NeedOperator("(");
        var parameters = new List<string>();
        var defaults = new List<Expr?>();
        while (!Current.IsOperator(")"))
        {
            if (parameters.Count > 0)
            {
                NeedOperator(",");
            }

            int at = Current.At;
            string name = ParseTargetName();
            Expr? value = TakeOperator("=") ? ParseExpression() : null;
            if (parameters.Contains(name) || (value is null && defaults.Count > 0 && defaults[^1] is not null))
            {
                throw Fail($"The parameter '{name}' is given twice, or has no default although one before it has.", at);
            }

            parameters.Add(name);
            defaults.Add(value);
        }

        NeedOperator(")");
        return ([.. parameters], [.. defaults]);
    }

    private FilterBlockStatement ParseFilterBlock(int at)
    {
        var filter = (FilterExpr)ParseFilter(null, isNamed: true)!;
        return new FilterBlockStatement(at, filter, ParseWhole("endfilter"));
    }

    private WithStatement ParseWith(int at)
    {
        var targets = new List<Target>();
        var values = new List<Expr>();
        while (Current.Kind != TokenKind.BlockEnd)
        {
            if (targets.Count > 0)
            {
                NeedOperator(",");
            }

            targets.Add(ToTarget(ParseTargetExpression(null)));
            NeedOperator("=");
            values.Add(ParseExpression());
        }

        return new WithStatement(at, [.. targets], [.. values], ParseWhole("endwith"));
    }

    private AutoEscapeStatement ParseAutoEscape(int at)
    {
        Expr flag = ParseExpression();
        return new AutoEscapeStatement(at, flag, ParseWhole("endautoescape"));
    }

    private BlockStatement ParseNamedBlock(int at)
    {
        string name = Need(TokenKind.Name, "the name of the block").Text;
        _ = TakeName("scoped");
        _ = TakeName("required");
        var block = new BlockStatement(at, ParseWhole("endblock"));
        _ = TakeName(name);
        return Blocks.TryAdd(name, block) ? block : throw Fail($"The block '{name}' is defined twice.", at);
    }

    private Statement[] ParsePrint(int at)
    {
        var outputs = new List<Statement>();
        while (Current.Kind != TokenKind.BlockEnd)
        {
            if (outputs.Count > 0)
            {
                NeedOperator(",");
            }

            outputs.Add(new OutputStatement(at, ParseExpression()));
        }

        return [.. outputs];
    }

    private LoaderStatement ParseLoader(Token tag)
    {
        Expr name = ParseExpression();
        var targets = new List<string>();
        if (tag.Text == "import")
        {
            targets.Add(TakeName("as") ? ParseTargetName() : throw Unexpected("'as'"));
        }
        else if (tag.Text == "from")
        {
            if (!TakeName("import"))
            {
                throw Unexpected("'import'");
            }

            do
            {
                string imported = ParseTargetName();
                targets.Add(TakeName("as") ? ParseTargetName() : imported);
            }
            while (TakeOperator(","));
        }
        else if (tag.Text == "include" && TakeName("ignore") && !TakeName("missing"))
        {
            throw Unexpected("'missing'");
        }

        if ((Current.IsName("with") || Current.IsName("without")) && Following.IsName("context"))
        {
            _next += 2;
        }

        return new LoaderStatement(tag.At, tag.Text, name, [.. targets]);
    }

    private string ParseTargetName()
    {
        Token name = Need(TokenKind.Name, "a name");
        return name.Text is "true" or "false" or "none" or "True" or "False" or "None"
            ? throw Fail($"'{name.Text}' cannot be set.", name.At)
            : name.Text;
    }

    private Expr ParseTargetExpression(string? endName, bool withNamespace = false)
    {
        // A name that is set is no use of the name.
        (int Loop, int Caller, int Kwargs, int Varargs) before = _uses.All;
        Expr target = withNamespace && Current.Kind == TokenKind.Name && Following.IsOperator(".")
            ? ParseAttribute(ParsePrimary())
            : ParseTuple(withCondition: false, endName: endName, simple: true);
        _uses.All = before;
        return target;
    }

    private Target ToTarget(Expr expression)
    {
        switch (expression)
        {
            case NameExpr name:
                return new NameTarget(name.Name);
            case AttributeExpr { Target: NameExpr space } attribute:
                return new NamespaceTarget(new NameExpr(space.At, space.Name), attribute.Name);
            case SequenceExpr { IsTuple: true } tuple:
                return new TupleTarget([.. tuple.Items.Select(ToTarget)]);
            default:
                throw Fail("This cannot be assigned to.", expression.At);
        }
    }

    /// <summary>How often the names with a meaning of their own have been used so far.</summary>
    private sealed class NameUses
    {
        internal int Loop { get; private set; }

        internal int Caller { get; private set; }

        internal int Kwargs { get; private set; }

        internal int Varargs { get; private set; }

        internal (int Loop, int Caller, int Kwargs, int Varargs) All
        {
            get => (Loop, Caller, Kwargs, Varargs);
            set => (Loop, Caller, Kwargs, Varargs) = value;
        }

        internal void Count(string name)
        {
            Loop += name == "loop" ? 1 : 0;
            Caller += name == "caller" ? 1 : 0;
            Kwargs += name == "kwargs" ? 1 : 0;
            Varargs += name == "varargs" ? 1 : 0;
        }
    }
}
