using Value = Percept.Text.TemplateValue;

namespace Percept.Text.Templates;

/// <summary>
/// What macros, call blocks and generation blocks share: parameters and a body with a frame of its own.
/// </summary>
internal sealed class MacroDefinition(
    int at, string name, string[] parameters, Expr?[] defaults, Body body, (bool Caller, bool Kwargs, bool Varargs) uses)
{
    private readonly Value[] _notGiven =
        [.. parameters.Select(parameter => UndefinedInfo.Of($"The parameter '{parameter}' was not given."))];

    private Unit? _unit;
    private ScopeEntry[] _entries = [];
    private (string Name, int Slot)[] _resolved = [];
    private int[] _slots = [];
    private int _callerSlot = -1;
    private int _kwargsSlot = -1;
    private int _varargsSlot = -1;

    internal string Name { get; } = name;

    internal string[] Parameters { get; } = parameters;

    internal bool UsesCaller { get; } = uses.Caller;

    internal bool UsesKwargs => _kwargsSlot >= 0;

    internal bool UsesVarargs => _varargsSlot >= 0;

    internal void Bind(BindPlace place)
    {
        _unit = new Unit(place.Scope.Unit);
        var scope = new SymbolScope(place.Scope, _unit);
        Slot[] slots = [.. Parameters.Select(scope.Parameter)];
        foreach (Expr? value in defaults)
        {
            value?.Declare(scope);
        }

        body.Declare(scope);
        int explicitCaller = Parameters.IndexOf("caller");
        if (uses.Caller && explicitCaller >= 0 && defaults[explicitCaller] is null)
        {
            throw place.Errors.Fail(TemplateErrorKind.Syntax, "The parameter 'caller' needs a default value.", at);
        }

        Slot? caller = uses.Caller && explicitCaller < 0 ? scope.Parameter("caller") : null;
        Slot? kwargs = uses.Kwargs && !Parameters.Contains("kwargs") ? scope.Parameter("kwargs") : null;
        Slot? varargs = uses.Varargs && !Parameters.Contains("varargs") ? scope.Parameter("varargs") : null;
        _entries = scope.Complete();
        _slots = [.. slots.Select(slot => slot.Index)];
        _callerSlot = caller?.Index ?? -1;
        _kwargsSlot = kwargs?.Index ?? -1;
        _varargsSlot = varargs?.Index ?? -1;
        BindPlace inside = place.Inside(scope) with { InLoop = false };
        foreach (Expr? value in defaults)
        {
            value?.Bind(inside);
        }

        body.Bind(inside);
        _resolved = [.. _unit.Resolved];
    }

    /// <summary>Runs the body.</summary>
    /// <returns>What it wrote.</returns>
    internal string Run(RenderContext c, Frame outer, Args args)
    {
        c.Enter();
        Frame caller = c.Frame;
        int at = c.At;
        Frame frame = Scopes.Open(c, _unit!, _resolved, outer);
        Fill(c, frame, args);
        c.Frame = frame;
        Scopes.Enter(c, _entries);
        for (int i = 0; i < _slots.Length; i++)
        {
            if (frame.Slots[_slots[i]].IsMissing)
            {
                frame.Slots[_slots[i]] = defaults[i] is { } value ? value.Eval(c) : _notGiven[i];
            }
        }

        int start = c.BeginCapture();
        _ = body.Run(c);
        string written = c.EndCapture(start);
        c.Frame = caller;
        c.At = at;
        c.Leave();
        return written;
    }

    private void Fill(RenderContext c, Frame frame, Args args)
    {
        int given = Math.Min(args.Count, Parameters.Length);
        for (int i = 0; i < given; i++)
        {
            frame.Slots[_slots[i]] = args[i];
        }

        PyDict? rest = UsesKwargs ? new PyDict() : null;
        for (int i = 0; i < args.Names.Length; i++)
        {
            string name = args.Names[i];
            int parameter = Parameters.IndexOf(name);
            if (parameter >= given)
            {
                frame.Slots[_slots[parameter]] = args.Named[i];
            }
            else if (name == "caller" && _callerSlot >= 0)
            {
                frame.Slots[_callerSlot] = args.Named[i];
            }
            else if (rest is not null)
            {
                rest.Set(new Value(name), args.Named[i]);
            }
            else
            {
                throw c.Fail(TemplateErrorKind.Type, $"The macro '{Name}' takes no argument '{name}' here.");
            }
        }

        if (_callerSlot >= 0 && frame.Slots[_callerSlot].IsMissing)
        {
            frame.Slots[_callerSlot] = UndefinedInfo.Of("The macro was not called by a call block, so there is no 'caller'.");
        }

        if (rest is not null)
        {
            frame.Slots[_kwargsSlot] = new Value(rest);
        }

        if (UsesVarargs)
        {
            frame.Slots[_varargsSlot] = Value.Tuple(args.Positional[given..]);
        }
        else if (args.Count > Parameters.Length)
        {
            throw c.Fail(
                TemplateErrorKind.Type,
                $"The macro '{Name}' takes at most {Parameters.Length} arguments, found {args.Count}.");
        }
    }
}

/// <summary>A macro together with the frame it was defined in.</summary>
internal sealed class PyMacro(MacroDefinition definition, Frame outer) : PyCallable
{
    internal MacroDefinition Definition { get; } = definition;

    internal override Value Call(RenderContext c, Args args) => c.Captured(Definition.Run(c, outer, args));

    internal override string Describe() => $"<Macro '{Definition.Name}'>";
}

/// <summary><c>{% macro name(…) %}</c>.</summary>
internal sealed class MacroStatement(int at, NameTarget target, MacroDefinition definition) : Statement(at)
{
    internal override void Declare(SymbolScope scope) => target.Declare(scope);

    internal override void Bind(BindPlace place)
    {
        definition.Bind(place);
        target.Bind(place);
    }

    internal override Flow Run(RenderContext c)
    {
        target.Assign(c, new Value(new PyMacro(definition, c.Frame)));
        return Flow.Normal;
    }
}

/// <summary><c>{% call(…) macro(…) %}</c>.</summary>
internal sealed class CallBlockStatement(int at, CallExpr call, MacroDefinition definition) : Statement(at)
{
    internal override void Declare(SymbolScope scope) => call.Declare(scope);

    internal override void Bind(BindPlace place)
    {
        call.Bind(place);
        definition.Bind(place);
    }

    internal override Flow Run(RenderContext c)
    {
        Value result = call.EvalWithCaller(c, new Value(new PyMacro(definition, c.Frame)));
        if (c.AutoEscape && result.Kind != ValueKind.Markup)
        {
            c.Output.Append(HtmlMarkup.Escape(c, PyText.Str(c, result)));
        }
        else
        {
            PyText.Str(c, c.Output, result);
        }

        return Flow.Normal;
    }
}

/// <summary><c>{% generation %}…{% endgeneration %}</c>: what the model itself has written.</summary>
internal sealed class GenerationStatement(int at, MacroDefinition definition) : Statement(at)
{
    internal override void Declare(SymbolScope scope)
    {
    }

    internal override void Bind(BindPlace place) => definition.Bind(place);

    internal override Flow Run(RenderContext c)
    {
        c.At = At;
        string written = definition.Run(c, c.Frame, default);

        // Inside a capture the final place is not known; as in the reference, the span starts where the output stood.
        int start = c.Captures.Count > 0 ? c.Captures.Start : c.Output.Length;
        c.Spans.Add((start, start + written.Length));
        c.Output.Append(written);
        return Flow.Normal;
    }
}

/// <summary><c>{% block name %}</c>: runs in place with a frame of its own.</summary>
internal sealed class BlockStatement(int at, Body body) : Statement(at)
{
    private readonly Unit _unit = new(null);
    private ScopeEntry[] _entries = [];
    private (string Name, int Slot)[] _resolved = [];

    internal override void Declare(SymbolScope scope)
    {
    }

    internal override void Bind(BindPlace place)
    {
        var scope = new SymbolScope(null, _unit);
        body.Declare(scope);
        _entries = scope.Complete();
        body.Bind(place.Inside(scope) with { InLoop = false });
        _resolved = [.. _unit.Resolved];
    }

    internal override Flow Run(RenderContext c)
    {
        c.Enter();
        Frame caller = c.Frame;
        c.Frame = Scopes.Open(c, _unit, _resolved, null);
        Scopes.Enter(c, _entries);
        _ = body.Run(c);
        c.Frame = caller;
        c.Leave();
        return Flow.Normal;
    }
}
