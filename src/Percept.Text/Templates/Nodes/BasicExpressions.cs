using Value = Percept.Text.TemplateValue;

namespace Percept.Text.Templates;

/// <summary>A literal.</summary>
internal sealed class ConstExpr(int at, Value value) : Expr(at)
{
    internal Value Value { get; } = value;

    internal override Value Eval(RenderContext c) => Value;
}

/// <summary>A variable.</summary>
internal sealed class NameExpr : Expr
{
    private readonly Value _undefined;
    private SlotPlace _place;

    internal NameExpr(int at, string name)
        : base(at)
    {
        Name = name;
        _undefined = UndefinedInfo.Of($"The variable '{name}' is undefined.");
    }

    internal string Name { get; }

    internal override bool IsConstant => false;

    internal override void Declare(SymbolScope scope) => scope.Load(Name);

    internal override void Bind(BindPlace place) => _place = place.Scope.Need(Name).From(place.Scope.Unit);

    internal override Value Eval(RenderContext c)
    {
        Value value = _place.Depth == 0 ? c.Frame.Slots[_place.Index] : Scopes.Read(c, _place);
        return value.IsMissing ? _undefined : value;
    }
}

/// <summary>A list or tuple in the source.</summary>
internal sealed class SequenceExpr(int at, bool isTuple, Expr[] items) : Expr(at, items)
{
    internal bool IsTuple { get; } = isTuple;

    internal Expr[] Items { get; } = items;

    internal override Value Eval(RenderContext c)
    {
        c.Charge(Items.Length);
        var values = new Value[Items.Length];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = Items[i].Eval(c);
        }

        return new Value(new PyList(IsTuple ? ValueKind.Tuple : ValueKind.List, values, values.Length));
    }
}

/// <summary>A dictionary in the source.</summary>
internal sealed class DictExpr(int at, Expr[] keys, Expr[] values) : Expr(at, [.. keys, .. values])
{
    internal override Value Eval(RenderContext c)
    {
        c.Charge(keys.Length);
        var dict = new PyDict(keys.Length);
        for (int i = 0; i < keys.Length; i++)
        {
            Value key = keys[i].Eval(c);
            c.At = At;
            Require.Hashable(c, key);
            dict.Set(key, values[i].Eval(c));
        }

        return new Value(dict);
    }
}

/// <summary><c>a if test else b</c>.</summary>
internal sealed class ChoiceExpr(int at, Expr test, Expr yes, Expr? no) : Expr(at, test, yes, no)
{
    private static readonly Value s_none = UndefinedInfo.Of("The condition without 'else' is false, so there is no value.");

    internal override void Bind(BindPlace place) => base.Bind(place.Soft);

    internal override Value Eval(RenderContext c) =>
        Operators.Truth(test.Eval(c)) ? yes.Eval(c) : no is null ? s_none : no.Eval(c);

    internal override void Write(RenderContext c)
    {
        if (Operators.Truth(test.Eval(c)))
        {
            yes.Write(c);
        }
        else
        {
            no?.Write(c);
        }
    }
}

/// <summary><c>a and b</c>, <c>a or b</c>.</summary>
internal sealed class LogicExpr(int at, bool isAnd, Expr left, Expr right) : Expr(at, left, right)
{
    internal override Value Eval(RenderContext c)
    {
        Value value = left.Eval(c);
        return Operators.Truth(value) == isAnd ? right.Eval(c) : value;
    }
}

/// <summary><c>not a</c>.</summary>
internal sealed class NotExpr(int at, Expr operand) : Expr(at, operand)
{
    internal override Value Eval(RenderContext c) => Value.From(!Operators.Truth(operand.Eval(c)));
}

/// <summary><c>-a</c> and <c>+a</c>.</summary>
internal sealed class SignExpr(int at, bool negate, Expr operand) : Expr(at, operand)
{
    internal override Value Eval(RenderContext c)
    {
        Value value = operand.Eval(c);
        c.At = At;
        return negate ? Operators.Negate(c, value) : Operators.Plus(c, value);
    }
}

/// <summary>The operators with two operands but <c>+</c>.</summary>
internal sealed class BinaryExpr(int at, Operator op, Expr left, Expr right) : Expr(at, left, right)
{
    internal override Value Eval(RenderContext c)
    {
        Value a = left.Eval(c);
        Value b = right.Eval(c);
        c.At = At;
        return Operators.Apply(c, op, a, b);
    }
}

/// <summary>Comparisons in a row: <c>a &lt; b &lt; c</c>.</summary>
internal sealed class CompareExpr(int at, Expr first, Relation[] relations, Expr[] operands) : Expr(at, [first, .. operands])
{
    internal override Value Eval(RenderContext c)
    {
        Value left = first.Eval(c);
        for (int i = 0; i < relations.Length; i++)
        {
            Value right = operands[i].Eval(c);
            c.At = At;
            if (!Comparison.Holds(c, relations[i], left, right))
            {
                return Value.False;
            }

            left = right;
        }

        return Value.True;
    }
}
