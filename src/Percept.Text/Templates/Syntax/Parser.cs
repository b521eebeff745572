using Value = Percept.Text.TemplateValue;

namespace Percept.Text.Templates;

/// <summary>Tokens to nodes: expressions. The order of precedence is that of the reference's parser.</summary>
internal sealed partial class Parser
{
    private const int MaxNesting = 80;

    private readonly SourceText _source;
    private readonly List<Token> _tokens;
    private int _next;
    private int _nesting;

    internal Parser(SourceText source)
    {
        _source = source;
        _tokens = Lexer.Read(source);
    }

    private Token Current => _tokens[_next];

    private Token Following => _tokens[Math.Min(_next + 1, _tokens.Count - 1)];

    private TemplateException Fail(string reason, int at) => _source.Fail(TemplateErrorKind.Syntax, reason, at);

    private TemplateException Unexpected(string expected) =>
        Fail($"Expected {expected}, found {Current.Describe()}.", Current.At);

    private Token Take()
    {
        Token token = Current;
        if (token.Kind != TokenKind.End)
        {
            _next++;
        }

        return token;
    }

    private bool TakeName(string name)
    {
        bool matches = Current.IsName(name);
        _next += matches ? 1 : 0;
        return matches;
    }

    private bool TakeOperator(string sign)
    {
        bool matches = Current.IsOperator(sign);
        _next += matches ? 1 : 0;
        return matches;
    }

    private void NeedOperator(string sign)
    {
        if (!TakeOperator(sign))
        {
            throw Unexpected($"'{sign}'");
        }
    }

    private Token Need(TokenKind kind, string what) => Current.Kind == kind ? Take() : throw Unexpected(what);

    private void Nest()
    {
        if (++_nesting > MaxNesting)
        {
            throw _source.Fail(
                TemplateErrorKind.Limit, $"The template nests deeper than {MaxNesting} levels.", Current.At);
        }
    }

    /// <summary>Refuses trees so deep that walking through them would overflow the stack.</summary>
    private T Checked<T>(T expression)
        where T : Expr => expression.Depth <= Expr.MaxDepth
        ? expression
        : throw _source.Fail(
            TemplateErrorKind.Limit, $"The expression is a chain of more than {Expr.MaxDepth} operations.", expression.At);

    private Expr ParseExpression(bool withCondition = true)
    {
        Nest();
        Expr expression = withCondition ? ParseCondition() : ParseOr();
        _nesting--;
        return Checked(expression);
    }

    private Expr ParseCondition()
    {
        int at = Current.At;
        Expr yes = ParseOr();
        while (TakeName("if"))
        {
            Expr test = ParseOr();
            Expr? no = null;
            if (TakeName("else"))
            {
                Nest();
                no = ParseCondition();
                _nesting--;
            }

            yes = Checked(new ChoiceExpr(at, test, yes, no));
        }

        return yes;
    }

    private Expr ParseOr()
    {
        Expr left = ParseAnd();
        while (Current.IsName("or"))
        {
            int at = Take().At;
            left = Checked(new LogicExpr(at, isAnd: false, left, ParseAnd()));
        }

        return left;
    }

    private Expr ParseAnd()
    {
        Expr left = ParseNot();
        while (Current.IsName("and"))
        {
            int at = Take().At;
            left = Checked(new LogicExpr(at, isAnd: true, left, ParseNot()));
        }

        return left;
    }

    private Expr ParseNot()
    {
        if (!Current.IsName("not"))
        {
            return ParseCompare();
        }

        Nest();
        int at = Take().At;
        var result = new NotExpr(at, ParseNot());
        _nesting--;
        return result;
    }

    private Expr ParseCompare()
    {
        int at = Current.At;
        Expr first = ParseSum();
        List<Relation>? relations = null;
        List<Expr>? operands = null;
        while (Relate() is { } relation)
        {
            at = relations is null ? _tokens[_next - 1].At : at;
            (relations ??= []).Add(relation);
            (operands ??= []).Add(ParseSum());
        }

        return relations is null ? first : Checked(new CompareExpr(at, first, [.. relations], [.. operands!]));
    }

    private Relation? Relate()
    {
        Token token = Current;
        Relation? relation = token.Kind == TokenKind.Operator
            ? token.Text switch
            {
                "==" => Relation.Equal,
                "!=" => Relation.NotEqual,
                "<" => Relation.Less,
                "<=" => Relation.LessOrEqual,
                ">" => Relation.Greater,
                ">=" => Relation.GreaterOrEqual,
                _ => null,
            }
            : token.IsName("in") ? Relation.In
            : token.IsName("not") && Following.IsName("in") ? Relation.NotIn
            : null;
        _next += relation is null ? 0 : relation == Relation.NotIn ? 2 : 1;
        return relation;
    }

    private Expr ParseSum()
    {
        Expr left = ParseConcat();
        List<Expr>? terms = null;
        List<int>? places = null;
        while (Current.IsOperator("+") || Current.IsOperator("-"))
        {
            Token sign = Take();
            Expr right = ParseConcat();
            if (sign.Text == "+")
            {
                (terms ??= [left]).Add(right);
                (places ??= []).Add(sign.At);
                continue;
            }

            left = Checked(new BinaryExpr(sign.At, Operator.Subtract, Summed(left, terms, places), right));
            terms = null;
            places = null;
        }

        return Checked(Summed(left, terms, places));
    }

    private static Expr Summed(Expr single, List<Expr>? terms, List<int>? places) =>
        terms is null ? single : new SumExpr(places![0], [.. terms], [.. places]);

    private Expr ParseConcat()
    {
        Expr first = ParseProduct();
        if (!Current.IsOperator("~"))
        {
            return first;
        }

        int at = Current.At;
        var terms = new List<Expr> { first };
        while (TakeOperator("~"))
        {
            terms.Add(ParseProduct());
        }

        return Checked(new ConcatExpr(at, [.. terms]));
    }

    private Expr ParseProduct()
    {
        Expr left = ParsePower();
        while (Current.Kind == TokenKind.Operator)
        {
            Operator? op = Current.Text switch
            {
                "*" => Operator.Multiply,
                "/" => Operator.Divide,
                "//" => Operator.FloorDivide,
                "%" => Operator.Modulo,
                _ => null,
            };
            if (op is null)
            {
                break;
            }

            int at = Take().At;
            left = Checked(new BinaryExpr(at, op.Value, left, ParsePower()));
        }

        return left;
    }

    private Expr ParsePower()
    {
        Expr left = ParseUnary();
        while (Current.IsOperator("**"))
        {
            int at = Take().At;
            left = Checked(new BinaryExpr(at, Operator.Power, left, ParseUnary()));
        }

        return left;
    }

    private Expr ParseUnary(bool withFilter = true)
    {
        Expr result;
        if (Current.IsOperator("-") || Current.IsOperator("+"))
        {
            Nest();
            Token sign = Take();
            result = new SignExpr(sign.At, sign.Text == "-", ParseUnary(withFilter: false));
            _nesting--;
        }
        else
        {
            result = ParsePrimary();
        }

        result = ParsePostfix(result);
        return withFilter ? ParseFilters(result) : result;
    }

    private Expr ParsePrimary()
    {
        Token token = Current;
        switch (token.Kind)
        {
            case TokenKind.Name:
                _ = Take();
                return NameOrConstant(token);
            case TokenKind.Text:
                return new ConstExpr(token.At, new Value(ParseTexts()));
            case TokenKind.Integer or TokenKind.Float:
                return new ConstExpr(token.At, Take().Number);
            case TokenKind.Operator when token.Text == "(":
                _ = Take();
                Expr inner = ParseTuple(withCondition: true, explicitParentheses: true);
                NeedOperator(")");
                return inner;
            case TokenKind.Operator when token.Text == "[":
                return ParseList();
            case TokenKind.Operator when token.Text == "{":
                return ParseDict();
            default:
                throw Unexpected("an expression");
        }
    }

    private Expr NameOrConstant(Token token)
    {
        switch (token.Text)
        {
            case "true" or "True":
                return new ConstExpr(token.At, Value.True);
            case "false" or "False":
                return new ConstExpr(token.At, Value.False);
            case "none" or "None":
                return new ConstExpr(token.At, Value.None);
            default:
                _uses.Count(token.Text);
                return new NameExpr(token.At, token.Text);
        }
    }

    private string ParseTexts()
    {
        string text = Take().Text;
        if (Current.Kind != TokenKind.Text)
        {
            return text;
        }

        var all = new System.Text.StringBuilder(text);
        while (Current.Kind == TokenKind.Text)
        {
            all.Append(Take().Text);
        }

        return all.ToString();
    }

    /// <summary>One expression, or a tuple when commas follow.</summary>
    private Expr ParseTuple(bool withCondition, bool explicitParentheses = false, string? endName = null, bool simple = false)
    {
        Nest();
        int at = Current.At;
        var items = new List<Expr>();
        bool isTuple = false;
        while (true)
        {
            if (items.Count > 0)
            {
                NeedOperator(",");
            }

            if (Current.Kind is TokenKind.VariableEnd or TokenKind.BlockEnd || Current.IsOperator(")")
                || (endName is not null && Current.IsName(endName)))
            {
                break;
            }

            items.Add(simple ? ParsePrimary() : ParseExpression(withCondition));
            if (!Current.IsOperator(","))
            {
                break;
            }

            isTuple = true;
        }

        _nesting--;
        if (!isTuple && items.Count > 0)
        {
            return items[0];
        }

        return isTuple || explicitParentheses
            ? Checked(new SequenceExpr(at, isTuple: true, [.. items]))
            : throw Unexpected("an expression");
    }

    private SequenceExpr ParseList()
    {
        int at = Take().At;
        var items = new List<Expr>();
        while (!Current.IsOperator("]"))
        {
            if (items.Count > 0)
            {
                NeedOperator(",");
            }

            if (!Current.IsOperator("]"))
            {
                items.Add(ParseExpression());
            }
        }

        NeedOperator("]");
        return Checked(new SequenceExpr(at, isTuple: false, [.. items]));
    }

    private DictExpr ParseDict()
    {
        int at = Take().At;
        var keys = new List<Expr>();
        var values = new List<Expr>();
        while (!Current.IsOperator("}"))
        {
            if (keys.Count > 0)
            {
                NeedOperator(",");
            }

            if (!Current.IsOperator("}"))
            {
                keys.Add(ParseExpression());
                NeedOperator(":");
                values.Add(ParseExpression());
            }
        }

        NeedOperator("}");
        return Checked(new DictExpr(at, [.. keys], [.. values]));
    }
}
