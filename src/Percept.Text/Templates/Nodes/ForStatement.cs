using Value = Percept.Text.TemplateValue;

namespace Percept.Text.Templates;

/// <summary><c>{% for %}</c>, its filter, its <c>else</c> and its <c>loop</c> object.</summary>
internal sealed class ForStatement : Statement
{
    private readonly Target _target;
    private readonly Target? _testTarget;
    private readonly Expr _items;
    private readonly Expr? _test;
    private readonly bool _isRecursive;
    private readonly bool _needsLoop;
    private readonly Body _body;
    private readonly Body _otherwise;
    private ScopeEntry[] _entries = [];
    private ScopeEntry[] _testEntries = [];
    private ScopeEntry[] _otherwiseEntries = [];
    private (string Name, int Slot)[] _resolved = [];
    private Unit? _unit;
    private int _loopSlot = -1;

    internal ForStatement(
        int at, (Target Body, Target? Test) target, Expr items, Expr? test, bool isRecursive, bool needsLoop, (Body Body, Body Else) parts)
        : base(at)
    {
        (_target, _testTarget) = target;
        _items = items;
        _test = test;
        _isRecursive = isRecursive;
        _needsLoop = needsLoop || isRecursive;
        (_body, _otherwise) = parts;
    }

    internal override void Declare(SymbolScope scope) => _items.Declare(scope);

    internal override void Bind(BindPlace place)
    {
        _items.Bind(place);
        Unit unit = place.Scope.Unit;
        if (_isRecursive)
        {
            _unit = unit = new Unit(unit);
        }

        var scope = new SymbolScope(place.Scope, unit);
        Slot? loop = _needsLoop ? scope.Parameter("loop") : null;
        _target.DeclareParameter(scope);
        _body.Declare(scope);
        _entries = scope.Complete();
        _loopSlot = loop?.Index ?? -1;
        BindPlace inside = place.Inside(scope) with { InLoop = true };
        _target.Bind(inside);
        _body.Bind(inside);
        if (_test is not null)
        {
            var testScope = new SymbolScope(place.Scope, unit);
            _testTarget!.DeclareParameter(testScope);
            _test.Declare(testScope);
            _testEntries = testScope.Complete();
            _testTarget.Bind(place.Inside(testScope));
            _test.Bind(place.Inside(testScope));
        }

        var elseScope = new SymbolScope(place.Scope, unit);
        _otherwise.Declare(elseScope);
        _otherwiseEntries = elseScope.Complete();
        _otherwise.Bind(place.Inside(elseScope));
        _resolved = _unit is null ? [] : [.. _unit.Resolved];
    }

    internal override Flow Run(RenderContext c)
    {
        Value items = _items.Eval(c);
        c.At = At;
        if (_unit is null)
        {
            return Loop(c, items, new LoopContext(this, c.Frame, 0));
        }

        Frame outer = c.Frame;
        return InNewFrame(c, items, new LoopContext(this, outer, 0));
    }

    /// <summary>Runs the loop again on the items of an item; the text goes to the caller.</summary>
    internal Value Recurse(RenderContext c, Value items, LoopContext from)
    {
        if (_unit is null)
        {
            throw c.Fail(TemplateErrorKind.Type, "A loop can call itself only when it is marked 'recursive'.");
        }

        c.Enter();
        int start = c.BeginCapture();
        _ = InNewFrame(c, items, new LoopContext(this, from.Outer, from.Depth0 + 1));
        Value written = c.Captured(c.EndCapture(start));
        c.Leave();
        return written;
    }

    private Flow InNewFrame(RenderContext c, Value items, LoopContext loop)
    {
        Frame caller = c.Frame;
        c.Frame = Scopes.Open(c, _unit!, _resolved, loop.Outer);
        Flow flow = Loop(c, items, loop);
        c.Frame = caller;
        return flow;
    }

    private Flow Loop(RenderContext c, Value items, LoopContext loop)
    {
        if (!Iteration.Can(items))
        {
            throw Iteration.NotIterable(c, items);
        }

        loop.Start(c, items, _test is null ? null : Filtered(c, items, c.Frame));
        bool completed = false;
        while (loop.Next(out Value item))
        {
            c.Charge(1);
            Scopes.Enter(c, _entries);
            if (_loopSlot >= 0)
            {
                c.Frame.Slots[_loopSlot] = new Value(loop);
            }

            _target.Assign(c, item);
            Flow flow = _body.Run(c);
            if (flow == Flow.Break)
            {
                break;
            }

            // As in the reference, only an iteration that reaches the end of the body keeps 'else' from running.
            completed |= flow == Flow.Normal;
        }

        if (completed || _otherwise.IsEmpty)
        {
            return Flow.Normal;
        }

        Scopes.Enter(c, _otherwiseEntries);
        return _otherwise.Run(c);
    }

    private IEnumerator<Value> Filtered(RenderContext c, Value items, Frame frame)
    {
        using IEnumerator<Value> all = Iteration.Over(c, items);
        while (all.MoveNext())
        {
            // The next item may be asked for from within a macro, which has a frame of its own.
            c.Charge(1);
            Frame asking = c.Frame;
            c.Frame = frame;
            Scopes.Enter(c, _testEntries);
            _testTarget!.Assign(c, all.Current);
            bool wanted = Operators.Truth(_test!.Eval(c));
            c.Frame = asking;
            if (wanted)
            {
                yield return all.Current;
            }
        }
    }
}

/// <summary>The object <c>loop</c>: where a loop is.</summary>
internal sealed class LoopContext(ForStatement statement, Frame outer, int depth0) : PyObject(ValueKind.Loop)
{
    private static readonly Value s_noPrevious = UndefinedInfo.Of("There is no previous item.");
    private static readonly Value s_noNext = UndefinedInfo.Of("There is no next item.");

    private Value[]? _items;
    private int _count;
    private IEnumerator<Value>? _iterator;
    private Value _current;
    private Value _before;
    private Value _after;
    private Value[]? _changed;
    private int? _length;
    private RenderContext? _c;

    internal Frame Outer { get; } = outer;

    internal int Depth0 { get; } = depth0;

    internal int Index0 { get; private set; } = -1;

    /// <summary>The number of items; walks through what has no length.</summary>
    internal int Length => _items is not null ? _count : _length ??= Count();

    internal void Start(RenderContext c, Value items, IEnumerator<Value>? filtered)
    {
        _c = c;
        if (filtered is null && items.Ref is PyList list)
        {
            _items = list.Items;
            _count = list.Count;
        }
        else
        {
            _length = filtered is null ? Iteration.Length(items) : null;
            _iterator = filtered ?? Iteration.Over(c, items);
        }
    }

    internal bool Next(out Value item)
    {
        if (_items is not null)
        {
            Index0++;
            item = Index0 < _count ? _items[Index0] : default;
            return Index0 < _count;
        }

        item = Peek();
        if (item.IsMissing)
        {
            return false;
        }

        _after = default;
        _before = _current;
        _current = item;
        Index0++;
        return true;
    }

    /// <summary>An attribute; missing when there is none of this name.</summary>
    internal Value Get(string name) => name switch
    {
        "index" => Value.From(Index0 + 1),
        "index0" => Value.From(Index0),
        "first" => Value.From(Index0 == 0),
        "last" => Value.From(_items is not null ? Index0 == _count - 1 : Peek().IsMissing),
        "length" => Value.From(Length),
        "revindex" => Value.From(Length - Index0),
        "revindex0" => Value.From(Length - Index0 - 1),
        "previtem" => Previous,
        "nextitem" => Following,
        "depth" => Value.From(Depth0 + 1),
        "depth0" => Value.From(Depth0),
        "cycle" => new Value(new PyFunction("cycle", Cycle, new Value(this))),
        "changed" => new Value(new PyFunction("changed", Changed, new Value(this))),
        _ => default,
    };

    internal Value Recurse(RenderContext c, Args args)
    {
        args.Check(c, "loop", 1, "iterable");
        return statement.Recurse(c, args.Get(0, "iterable"), this);
    }

    private static Value Cycle(RenderContext c, Value self, Args args) => args.Count > 0
        ? args[((LoopContext)self.Ref!).Index0 % args.Count]
        : throw c.Fail(TemplateErrorKind.Type, "'loop.cycle' needs at least one value.");

    private static Value Changed(RenderContext c, Value self, Args args)
    {
        var loop = (LoopContext)self.Ref!;
        bool same = loop._changed is not null && loop._changed.Length == args.Count;
        for (int i = 0; same && i < args.Count; i++)
        {
            same = Comparison.Equal(c, loop._changed![i], args[i]);
        }

        loop._changed = same ? loop._changed : args.Positional.ToArray();
        return Value.From(!same);
    }

    private Value Previous => Index0 == 0 ? s_noPrevious : _items is not null ? _items[Index0 - 1] : _before;

    private Value Following
    {
        get
        {
            Value next = _items is null ? Peek() : Index0 + 1 < _count ? _items[Index0 + 1] : default;
            return next.IsMissing ? s_noNext : next;
        }
    }

    private Value Peek()
    {
        if (_after.IsMissing && _iterator!.MoveNext())
        {
            _after = _iterator.Current;
        }

        return _after;
    }

    private int Count()
    {
        var rest = new List<Value>();
        while (_iterator!.MoveNext())
        {
            rest.Add(_iterator.Current);
            _c!.CheckList(rest.Count, 1);
        }

        _iterator = rest.GetEnumerator();
        return rest.Count + Index0 + 1 + (_after.IsMissing ? 0 : 1);
    }
}
