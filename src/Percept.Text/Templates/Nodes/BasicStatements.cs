using Value = Percept.Text.TemplateValue;

namespace Percept.Text.Templates;

/// <summary>Text of the template itself.</summary>
internal sealed class DataStatement(int at, string text) : Statement(at)
{
    internal override void Declare(SymbolScope scope)
    {
    }

    internal override void Bind(BindPlace place)
    {
    }

    internal override Flow Run(RenderContext c)
    {
        c.Output.Append(text);
        return Flow.Normal;
    }
}

/// <summary><c>{{ expression }}</c>.</summary>
internal sealed class OutputStatement(int at, Expr value) : Statement(at)
{
    internal override void Declare(SymbolScope scope) => value.Declare(scope);

    internal override void Bind(BindPlace place) => value.Bind(place);

    internal override Flow Run(RenderContext c)
    {
        value.Write(c);
        return Flow.Normal;
    }
}

/// <summary><c>{% if %}</c> with all its branches.</summary>
internal sealed class IfStatement(int at, List<(Expr Test, Body Body)> branches, Body otherwise) : Statement(at)
{
    private readonly (Expr Test, Body Body)[] _branches = [.. branches];

    internal override void Declare(SymbolScope scope)
    {
        _branches[0].Test.Declare(scope);
        SymbolScope first = scope.Branch();
        _branches[0].Body.Declare(first);

        // Further conditions are conditions of their own, one after the other, within one branch.
        SymbolScope others = scope.Branch();
        foreach ((Expr test, Body body) in _branches.AsSpan(1))
        {
            test.Declare(others);
            SymbolScope inner = others.Branch();
            body.Declare(inner);
            others.Merge(inner, others.Branch(), others.Branch());
        }

        SymbolScope last = scope.Branch();
        otherwise.Declare(last);
        scope.Merge(first, others, last);
    }

    internal override void Bind(BindPlace place)
    {
        foreach ((Expr test, Body body) in _branches)
        {
            test.Bind(place.Soft);
            body.Bind(place.Soft);
        }

        otherwise.Bind(place.Soft);
    }

    internal override Flow Run(RenderContext c)
    {
        foreach ((Expr test, Body body) in _branches)
        {
            if (Operators.Truth(test.Eval(c)))
            {
                return body.Run(c);
            }
        }

        return otherwise.Run(c);
    }
}

/// <summary><c>{% break %}</c> and <c>{% continue %}</c>.</summary>
internal sealed class JumpStatement(int at, Flow flow) : Statement(at)
{
    internal override void Declare(SymbolScope scope)
    {
    }

    internal override void Bind(BindPlace place)
    {
        if (!place.InLoop)
        {
            throw place.Errors.Fail(TemplateErrorKind.Syntax, "'break' and 'continue' belong into a loop.", At);
        }
    }

    internal override Flow Run(RenderContext c) => flow;
}

/// <summary>A tag that needs other templates, of which there are none here.</summary>
internal sealed class LoaderStatement(int at, string tag, Expr name, string[] targets) : Statement(at)
{
    internal override void Declare(SymbolScope scope)
    {
        name.Declare(scope);
        foreach (string target in targets)
        {
            scope.Store(target);
        }
    }

    internal override void Bind(BindPlace place) => name.Bind(place);

    internal override Flow Run(RenderContext c)
    {
        c.At = At;
        throw c.Fail(TemplateErrorKind.Unsupported, $"'{tag}' needs another template; a chat template stands alone.");
    }
}

/// <summary><c>{% set target = value %}</c>.</summary>
internal sealed class SetStatement(int at, Target target, Expr value) : Statement(at)
{
    internal override void Declare(SymbolScope scope)
    {
        value.Declare(scope);
        target.Declare(scope);
    }

    internal override void Bind(BindPlace place)
    {
        value.Bind(place);
        target.Bind(place);
    }

    internal override Flow Run(RenderContext c)
    {
        c.Charge(1);
        Value result = value.Eval(c);
        c.At = At;
        target.Assign(c, result);
        return Flow.Normal;
    }
}

/// <summary><c>{% set target | filter %}…{% endset %}</c>.</summary>
internal sealed class SetBlockStatement(int at, Target target, FilterExpr? filter, Body body) : Statement(at)
{
    private ScopeEntry[] _entries = [];

    internal override void Declare(SymbolScope scope)
    {
        target.Declare(scope);
        filter?.Declare(scope);
    }

    internal override void Bind(BindPlace place)
    {
        var scope = new SymbolScope(place.Scope, place.Scope.Unit);
        body.Declare(scope);
        _entries = scope.Complete();
        body.Bind(place.Inside(scope));
        filter?.Bind(place);
        target.Bind(place);
    }

    internal override Flow Run(RenderContext c)
    {
        int start = c.BeginCapture();
        Scopes.Enter(c, _entries);
        Flow flow = body.Run(c);
        Value written = c.Captured(c.EndCapture(start));
        if (flow == Flow.Normal)
        {
            c.At = At;
            target.Assign(c, filter is null ? written : filter.EvalOn(c, written));
        }

        return flow;
    }
}

/// <summary><c>{% filter name %}…{% endfilter %}</c>.</summary>
internal sealed class FilterBlockStatement(int at, FilterExpr filter, Body body) : Statement(at)
{
    private ScopeEntry[] _entries = [];

    internal override void Declare(SymbolScope scope) => filter.Declare(scope);

    internal override void Bind(BindPlace place)
    {
        var scope = new SymbolScope(place.Scope, place.Scope.Unit);
        body.Declare(scope);
        filter.Declare(scope);
        _entries = scope.Complete();
        body.Bind(place.Inside(scope));
        filter.Bind(place.Inside(scope));
    }

    internal override Flow Run(RenderContext c)
    {
        int start = c.BeginCapture();
        Scopes.Enter(c, _entries);
        Flow flow = body.Run(c);
        Value written = c.Captured(c.EndCapture(start));
        if (flow == Flow.Normal)
        {
            Value result = filter.EvalOn(c, written);
            PyText.Str(c, c.Output, result);
        }

        return flow;
    }
}

/// <summary><c>{% with a = b %}…{% endwith %}</c>.</summary>
internal sealed class WithStatement(int at, Target[] targets, Expr[] values, Body body) : Statement(at)
{
    private ScopeEntry[] _entries = [];

    internal override void Declare(SymbolScope scope)
    {
        foreach (Expr value in values)
        {
            value.Declare(scope);
        }
    }

    internal override void Bind(BindPlace place)
    {
        foreach (Expr value in values)
        {
            value.Bind(place);
        }

        var scope = new SymbolScope(place.Scope, place.Scope.Unit);
        foreach (Target target in targets)
        {
            target.DeclareParameter(scope);
        }

        body.Declare(scope);
        _entries = scope.Complete();
        BindPlace inside = place.Inside(scope);
        foreach (Target target in targets)
        {
            target.Bind(inside);
        }

        body.Bind(inside);
    }

    internal override Flow Run(RenderContext c)
    {
        int mark = c.Mark();
        foreach (Expr value in values)
        {
            Value result = value.Eval(c);
            c.Push(result);
        }

        Scopes.Enter(c, _entries);
        for (int i = 0; i < targets.Length; i++)
        {
            c.At = At;
            targets[i].Assign(c, c.Since(mark)[i]);
        }

        c.Release(mark);
        return body.Run(c);
    }
}

/// <summary><c>{% autoescape flag %}…{% endautoescape %}</c>.</summary>
internal sealed class AutoEscapeStatement(int at, Expr flag, Body body) : Statement(at)
{
    private ScopeEntry[] _entries = [];

    internal override void Declare(SymbolScope scope)
    {
    }

    internal override void Bind(BindPlace place)
    {
        var scope = new SymbolScope(place.Scope, place.Scope.Unit);
        flag.Declare(scope);
        body.Declare(scope);
        _entries = scope.Complete();
        flag.Bind(place.Inside(scope));
        body.Bind(place.Inside(scope));
    }

    internal override Flow Run(RenderContext c)
    {
        Scopes.Enter(c, _entries);
        bool before = c.AutoEscape;
        c.AutoEscape = Operators.Truth(flag.Eval(c));
        Flow flow = body.Run(c);
        c.AutoEscape = before;
        return flow;
    }
}
