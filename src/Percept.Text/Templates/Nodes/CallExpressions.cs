using Value = Percept.Text.TemplateValue;

namespace Percept.Text.Templates;

/// <summary>The arguments of a call in the source.</summary>
internal sealed class CallArguments(Expr[] positional, string[] names, Expr[] named, Expr? more, Expr? moreNamed)
{
    internal static CallArguments Empty { get; } = new([], [], [], null, null);

    /// <summary>All expressions among the arguments.</summary>
    internal Expr?[] All => [.. positional, .. named, more, moreNamed];

    internal bool IsEmpty => positional.Length + named.Length == 0 && more is null && moreNamed is null;

    /// <summary>Evaluates the arguments onto the stack.</summary>
    /// <returns>The names of the named ones and how many have none.</returns>
    internal (string[] Names, int Positional) Push(RenderContext c)
    {
        foreach (Expr argument in positional)
        {
            Value value = argument.Eval(c);
            c.Push(value);
        }

        int count = positional.Length;
        if (more is not null)
        {
            foreach (Value value in Iteration.ToArray(c, more.Eval(c)))
            {
                c.Push(value);
                count++;
            }
        }

        foreach (Expr argument in named)
        {
            Value value = argument.Eval(c);
            c.Push(value);
        }

        return (moreNamed is null ? names : PushMore(c), count);
    }

    private string[] PushMore(RenderContext c)
    {
        PyDict dict = Require.Dict(c, moreNamed!.Eval(c), "The argument after '**'");
        c.Charge(dict.Count);
        var all = new List<string>(names);
        var known = new HashSet<string>(names, StringComparer.Ordinal);
        for (int i = 0; i < dict.Count; i++)
        {
            string name = Require.Text(c, dict.KeyAt(i), "A key of the argument after '**'");
            if (!known.Add(name))
            {
                throw c.Fail(TemplateErrorKind.Type, $"The argument '{name}' is given twice.");
            }

            all.Add(name);
            c.Push(dict.ValueAt(i));
        }

        return [.. all];
    }
}

/// <summary><c>f(…)</c> and <c>a.method(…)</c>.</summary>
internal sealed class CallExpr : Expr
{
    private readonly Expr _callee;
    private readonly CallArguments _arguments;
    private readonly AttributeExpr? _method;
    private readonly Function? _textMethod;
    private readonly Function? _dictMethod;

    internal CallExpr(int at, Expr callee, CallArguments arguments)
        : base(at, [callee, .. arguments.All])
    {
        _callee = callee;
        _arguments = arguments;
        _method = callee as AttributeExpr;
        if (_method is not null)
        {
            _textMethod = TextMethods.Find(_method.Name);
            _dictMethod = CollectionMethods.FindDict(_method.Name);
        }
    }

    internal override bool IsConstant => false;

    internal override Value Eval(RenderContext c)
    {
        if (_method is null)
        {
            return Invoke(c, _callee.Eval(c), default);
        }

        // Methods of texts and dictionaries are called without making an object for the method first.
        Value target = _method.Target.Eval(c);
        Function? method = target.Ref is string ? _textMethod : target.Ref is PyDict ? _dictMethod : null;
        if (method is not null)
        {
            return Invoke(c, target, default, method);
        }

        c.At = _method.At;
        return Invoke(c, Attributes.Get(c, target, _method.Name), default);
    }

    /// <summary>Calls with one more named argument: the body of a call block.</summary>
    internal Value EvalWithCaller(RenderContext c, Value caller) => Invoke(c, _callee.Eval(c), caller);

    private Value Invoke(RenderContext c, Value target, Value caller, Function? method = null)
    {
        int mark = c.Mark();
        (string[] names, int count) = _arguments.Push(c);
        if (!caller.IsMissing)
        {
            names = [.. names, "caller"];
            c.Push(caller);
        }

        ReadOnlySpan<Value> values = c.Since(mark);
        var args = new Args(values[..count], names, values[count..]);
        c.At = At;
        c.Charge(1);
        Value result = method is not null ? method(c, target, args) : Calls.Invoke(c, target, args);
        c.Release(mark);
        return result;
    }
}

/// <summary>Calling values.</summary>
internal static class Calls
{
    internal static Value Invoke(RenderContext c, Value callee, Args args) => callee.Ref switch
    {
        PyCallable callable => callable.Call(c, args),
        LoopContext loop => loop.Recurse(c, args),
        _ => throw Operators.Undefined(c, callee)
            ?? c.Fail(TemplateErrorKind.Type, $"A value of type {PyText.TypeName(callee)} cannot be called."),
    };
}

/// <summary><c>a | filter(…)</c>; inside a filter block the value is what the block wrote.</summary>
internal sealed class FilterExpr : Expr
{
    private readonly Expr? _operand;
    private readonly string _name;
    private readonly CallArguments _arguments;
    private readonly Function? _filter;

    internal FilterExpr(int at, Expr? operand, string name, CallArguments arguments)
        : base(at, [operand, .. arguments.All])
    {
        _operand = operand;
        _name = name;
        _arguments = arguments;
        _filter = TemplateFilters.Find(name);
    }

    internal override void Bind(BindPlace place)
    {
        base.Bind(place);
        if (_filter is null && !place.IsSoft)
        {
            throw place.Errors.Fail(TemplateErrorKind.Syntax, $"There is no filter '{_name}'.", At);
        }
    }

    internal override Value Eval(RenderContext c) => Apply(c, _operand!.Eval(c));

    /// <summary>Applies the filters of a block, innermost first, to what the block wrote.</summary>
    internal Value EvalOn(RenderContext c, Value written) =>
        Apply(c, _operand is FilterExpr inner ? inner.EvalOn(c, written) : written);

    private Value Apply(RenderContext c, Value value)
    {
        if (_filter is null)
        {
            throw c.Fail(TemplateErrorKind.Type, $"There is no filter '{_name}'.");
        }

        if (_arguments.IsEmpty)
        {
            c.At = At;
            c.Charge(1);
            return _filter(c, value, default);
        }

        int mark = c.Mark();
        (string[] names, int count) = _arguments.Push(c);
        ReadOnlySpan<Value> values = c.Since(mark);
        c.At = At;
        c.Charge(1);
        Value result = _filter(c, value, new Args(values[..count], names, values[count..]));
        c.Release(mark);
        return result;
    }
}

/// <summary><c>a is test(…)</c>.</summary>
internal sealed class TestExpr : Expr
{
    private readonly Expr _operand;
    private readonly string _name;
    private readonly CallArguments _arguments;
    private readonly Test? _test;

    internal TestExpr(int at, Expr operand, string name, CallArguments arguments)
        : base(at, [operand, .. arguments.All])
    {
        _operand = operand;
        _name = name;
        _arguments = arguments;
        _test = Tests.Find(name);
    }

    internal override void Bind(BindPlace place)
    {
        base.Bind(place);
        if (_test is null && !place.IsSoft)
        {
            throw place.Errors.Fail(TemplateErrorKind.Syntax, $"There is no test '{_name}'.", At);
        }
    }

    internal override Value Eval(RenderContext c)
    {
        Value value = _operand.Eval(c);
        c.At = At;
        if (_test is null)
        {
            throw c.Fail(TemplateErrorKind.Type, $"There is no test '{_name}'.");
        }

        if (_arguments.IsEmpty)
        {
            return Value.From(_test(c, value, default));
        }

        int mark = c.Mark();
        (string[] names, int count) = _arguments.Push(c);
        ReadOnlySpan<Value> values = c.Since(mark);
        c.At = At;
        bool holds = _test(c, value, new Args(values[..count], names, values[count..]));
        c.Release(mark);
        return Value.From(holds);
    }
}
