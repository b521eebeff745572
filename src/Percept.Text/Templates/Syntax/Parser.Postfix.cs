using Value = Percept.Text.TemplateValue;

namespace Percept.Text.Templates;

/// <summary>What follows an expression: attributes, items, calls, filters, tests.</summary>
internal sealed partial class Parser
{
    private Expr ParsePostfix(Expr target)
    {
        while (Current.Kind == TokenKind.Operator)
        {
            switch (Current.Text)
            {
                case ".":
                    target = ParseAttribute(target);
                    break;
                case "[":
                    target = ParseItem(target);
                    break;
                case "(":
                    target = ParseCall(target);
                    break;
                default:
                    return target;
            }

            _ = Checked(target);
        }

        return target;
    }

    private Expr ParseFilters(Expr target)
    {
        while (true)
        {
            if (Current.IsOperator("|"))
            {
                target = ParseFilter(target)!;
            }
            else if (Current.IsName("is"))
            {
                target = ParseTest(target);
            }
            else if (Current.IsOperator("("))
            {
                target = ParseCall(target);
            }
            else
            {
                return target;
            }

            _ = Checked(target);
        }
    }

    private Expr ParseAttribute(Expr target)
    {
        int at = Take().At;
        return Current.Kind switch
        {
            TokenKind.Name => new AttributeExpr(at, target, Take().Text),
            TokenKind.Integer => new ItemExpr(at, target, new ConstExpr(Current.At, Take().Number)),
            _ => throw Unexpected("a name or number after '.'"),
        };
    }

    private Expr ParseItem(Expr target)
    {
        int at = Take().At;
        var keys = new List<Expr>();
        while (!Current.IsOperator("]"))
        {
            if (keys.Count > 0)
            {
                NeedOperator(",");
            }

            Expr? from = Current.IsOperator(":") ? null : ParseExpression();
            if (TakeOperator(":"))
            {
                Expr slice = ParseSlice(at, target, from);
                return keys.Count == 0 && TakeOperator("]") ? slice : throw Unexpected("']'");
            }

            keys.Add(from!);
        }

        NeedOperator("]");
        return new ItemExpr(at, target, keys.Count == 1 ? keys[0] : new SequenceExpr(at, isTuple: true, [.. keys]));
    }

    private SliceExpr ParseSlice(int at, Expr target, Expr? from)
    {
        bool Ends() => Current.IsOperator("]") || Current.IsOperator(",");
        Expr? to = Current.IsOperator(":") || Ends() ? null : ParseExpression();
        Expr? step = TakeOperator(":") && !Ends() ? ParseExpression() : null;
        return new SliceExpr(at, target, from, to, step);
    }

    private CallExpr ParseCall(Expr callee)
    {
        int at = Current.At;
        return new CallExpr(at, callee, ParseArguments());
    }

    private CallArguments ParseArguments()
    {
        int at = Current.At;
        NeedOperator("(");
        var positional = new List<Expr>();
        var names = new List<string>();
        var named = new List<Expr>();
        Expr? more = null;
        Expr? moreNamed = null;
        bool needsComma = false;
        while (!Current.IsOperator(")"))
        {
            if (needsComma)
            {
                NeedOperator(",");
                if (Current.IsOperator(")"))
                {
                    break;
                }
            }

            bool fits;
            if (TakeOperator("*"))
            {
                fits = more is null && moreNamed is null;
                more = ParseExpression();
            }
            else if (TakeOperator("**"))
            {
                fits = moreNamed is null;
                moreNamed = ParseExpression();
            }
            else if (Current.Kind == TokenKind.Name && Following.IsOperator("="))
            {
                string name = Take().Text;
                _ = Take();
                fits = moreNamed is null && !names.Contains(name);
                names.Add(name);
                named.Add(ParseExpression());
            }
            else
            {
                fits = more is null && moreNamed is null && named.Count == 0;
                positional.Add(ParseExpression());
            }

            if (!fits)
            {
                throw Fail("The arguments of the call are out of order or given twice.", at);
            }

            needsComma = true;
        }

        NeedOperator(")");
        return new CallArguments([.. positional], [.. names], [.. named], more, moreNamed);
    }

    /// <summary>TemplateFilters one after the other; null when there is none.</summary>
    /// <param name="target">What is filtered; null for what a block writes.</param>
    /// <param name="isNamed">Whether the first filter comes without '|'.</param>
    private Expr? ParseFilter(Expr? target, bool isNamed = false)
    {
        while (isNamed || TakeOperator("|"))
        {
            isNamed = false;
            int at = Current.At;
            string name = ParseDotted("a filter's name");
            CallArguments arguments = Current.IsOperator("(") ? ParseArguments() : CallArguments.Empty;
            target = Checked(new FilterExpr(at, target, name, arguments));
        }

        return target;
    }

    private string ParseDotted(string what)
    {
        string name = Need(TokenKind.Name, what).Text;
        while (TakeOperator("."))
        {
            name += "." + Need(TokenKind.Name, what).Text;
        }

        return name;
    }

    private Expr ParseTest(Expr target)
    {
        int at = Take().At;
        bool isNegated = TakeName("not");
        string name = ParseDotted("a test's name");
        CallArguments arguments = CallArguments.Empty;
        if (Current.IsOperator("("))
        {
            arguments = ParseArguments();
        }
        else if (TakesArgument())
        {
            Nest();
            arguments = new CallArguments([ParsePostfix(ParsePrimary())], [], [], null, null);
            _nesting--;
        }

        var test = new TestExpr(at, target, name, arguments);
        return isNegated ? new NotExpr(at, test) : test;
    }

    private bool TakesArgument()
    {
        if (Current.IsName("is"))
        {
            throw Fail("Tests cannot be chained with 'is'.", Current.At);
        }

        return Current.Kind switch
        {
            TokenKind.Name => Current.Text is not ("else" or "or" or "and"),
            TokenKind.Text or TokenKind.Integer or TokenKind.Float => true,
            TokenKind.Operator => Current.Text is "[" or "{",
            _ => false,
        };
    }
}
