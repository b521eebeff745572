using Value = Percept.Text.TemplateValue;

namespace Percept.Text.Templates;

/// <summary><c>a.name</c>: the attribute, else the key.</summary>
internal sealed class AttributeExpr : Expr
{
    private readonly Value _undefined;
    private readonly bool _isDictMethod;

    internal AttributeExpr(int at, Expr target, string name)
        : base(at, target)
    {
        Target = target;
        Name = name;
        _undefined = new Value(UndefinedInfo.Attribute(name));
        _isDictMethod = Attributes.IsDictAttribute(name);
    }

    internal Expr Target { get; }

    internal string Name { get; }

    internal override Value Eval(RenderContext c)
    {
        Value target = Target.Eval(c);
        if (target.Ref is PyDict dict && !_isDictMethod)
        {
            return dict.TryGet(Name, out Value found) ? found : _undefined;
        }

        c.At = At;
        return Attributes.Get(c, target, Name);
    }
}

/// <summary><c>a[key]</c>: the item, else the attribute.</summary>
internal sealed class ItemExpr(int at, Expr target, Expr key) : Expr(at, target, key)
{
    private readonly string? _name = (key as ConstExpr)?.Value.Ref as string;

    internal override Value Eval(RenderContext c)
    {
        Value from = target.Eval(c);
        if (_name is not null && from.Ref is PyDict dict && dict.TryGet(_name, out Value found))
        {
            return found;
        }

        Value at = key.Eval(c);
        c.At = At;
        return Attributes.Item(c, from, at);
    }
}

/// <summary><c>a[from:to:step]</c>.</summary>
internal sealed class SliceExpr(int at, Expr target, Expr? from, Expr? to, Expr? step) : Expr(at, target, from, to, step)
{
    internal override Value Eval(RenderContext c)
    {
        Value sequence = target.Eval(c);
        Value first = from is null ? Value.None : from.Eval(c);
        Value last = to is null ? Value.None : to.Eval(c);
        Value by = step is null ? Value.None : step.Eval(c);
        c.At = At;

        // The reference works constants out beforehand by another rule, which finds nothing instead of failing.
        return IsConstant && !Slicing.CanApply(sequence)
            ? UndefinedInfo.Of("The value has no slices.")
            : Slicing.Apply(c, sequence, first, last, by);
    }
}
