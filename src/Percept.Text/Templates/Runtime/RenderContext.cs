using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;
using Value = Percept.Text.TemplateValue;

namespace Percept.Text.Templates;

/// <summary>The variables of one call of a template, macro or recursive loop.</summary>
internal sealed class Frame(Frame? parent, int size)
{
    /// <summary>The frame in whose source this one lies.</summary>
    internal Frame? Parent { get; } = parent;

    internal Value[] Slots { get; } = size == 0 ? [] : new Value[size];
}

/// <summary>One rendering: its output, its variables and what it has used of its limits.</summary>
internal sealed class RenderContext : IDisposable
{
    private const int StepsBetweenLooks = 4096;

    private readonly SourceText _source;
    private readonly IReadOnlyDictionary<string, Value> _variables;
    private readonly long _start = Stopwatch.GetTimestamp();
    private Dictionary<string, Value>? _exported;
    private Value[] _stack = [];
    private int _top;
    private long _steps;
    private long _nextLook = StepsBetweenLooks;
    private int _depth;

    internal RenderContext(
        SourceText source, IReadOnlyDictionary<string, Value> variables, DateTime now, TemplateLimits limits)
    {
        _source = source;
        _variables = variables;
        Now = now;
        Limits = limits;
        Output = new TextBuffer(this, limits.MaxOutputLength);
    }

    internal TemplateLimits Limits { get; }

    internal TextBuffer Output { get; }

    internal DateTime Now { get; }

    internal bool AutoEscape { get; set; }

    /// <summary>The place in the source of what is being done.</summary>
    internal int At { get; set; }

    internal Frame Frame { get; set; } = new(null, 0);

    /// <summary>What <c>{% generation %}</c> blocks wrote, in UTF-16 units of the output.</summary>
    internal List<(int Start, int End)> Spans { get; } = [];

    /// <summary>How many captures are open, and where in the output the outermost began.</summary>
    internal (int Count, int Start) Captures { get; private set; }

    /// <inheritdoc/>
    public void Dispose() => Output.Dispose();

    internal TemplateException Fail(TemplateErrorKind kind, string reason) => _source.Fail(kind, reason, At);

    /// <summary>Counts work against the limits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Charge(long amount)
    {
        _steps += amount + 1;
        if (_steps >= _nextLook)
        {
            Look();
        }
    }

    /// <summary>Goes one level deeper into calls or values.</summary>
    internal void Enter()
    {
        if (++_depth > Limits.MaxDepth || !RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            throw Fail(TemplateErrorKind.Limit, $"Calls or values nest deeper than {Limits.MaxDepth} levels.");
        }
    }

    internal void Leave() => _depth--;

    /// <summary>Checks the length of a text before it is made.</summary>
    internal void CheckText(long length)
    {
        if (length > Limits.MaxTextLength)
        {
            throw Fail(
                TemplateErrorKind.Limit,
                $"A text of {length} characters is asked for, at most {Limits.MaxTextLength} are allowed.");
        }

        Charge(length >> 2);
    }

    /// <summary>Checks the length of a text that grows step by step, and counts what a step adds.</summary>
    internal void CheckGrowth(long length, long added)
    {
        if (length > Limits.MaxTextLength)
        {
            CheckText(length);
        }

        Charge(added >> 2);
    }

    /// <summary>Counts a search for a part in a text: at worst every place of the text is compared with the whole part.</summary>
    internal void ChargeSearch(int text, int part) => Charge(((long)text >> 4) + ((long)text * part >> 10));

    /// <summary>Checks the length of a list before it is made.</summary>
    internal int CheckList(long count, long charged = -1)
    {
        if (count > Limits.MaxListLength)
        {
            throw Fail(
                TemplateErrorKind.Limit, $"A list of {count} items is asked for, at most {Limits.MaxListLength} are allowed.");
        }

        Charge(charged < 0 ? count : charged);
        return (int)count;
    }

    internal void CheckBits(long bits)
    {
        if (bits > Limits.MaxIntegerBits)
        {
            throw Fail(
                TemplateErrorKind.Limit,
                $"A whole number of about {bits} bits is asked for, at most {Limits.MaxIntegerBits} are allowed.");
        }
    }

    internal Value Whole(BigInteger number)
    {
        CheckBits(number.GetBitLength());
        return Value.From(number);
    }

    /// <summary>A variable of the caller or one of the language; missing when there is none.</summary>
    internal Value Resolve(string name)
    {
        if (_exported is not null && _exported.TryGetValue(name, out Value value))
        {
            return value;
        }

        return _variables.TryGetValue(name, out value) ? value : Globals.Find(name);
    }

    /// <summary>Makes a variable of the template's top level visible to blocks.</summary>
    internal void Export(string name, Value value) => (_exported ??= new(StringComparer.Ordinal))[name] = value;

    internal int BeginCapture()
    {
        Captures = (Captures.Count + 1, Captures.Count == 0 ? Output.Length : Captures.Start);
        return Output.Length;
    }

    internal string EndCapture(int start)
    {
        Captures = (Captures.Count - 1, Captures.Start);
        return Output.Cut(start);
    }

    /// <summary>A text that a capture made, as a value.</summary>
    internal Value Captured(string text) => AutoEscape ? Value.Markup(text) : new Value(text);

    internal void Push(Value value)
    {
        if (_top == _stack.Length)
        {
            Array.Resize(ref _stack, Math.Max(64, 2 * _top));
        }

        _stack[_top++] = value;
    }

    internal int Mark() => _top;

    internal ReadOnlySpan<Value> Since(int mark) => _stack.AsSpan(mark, _top - mark);

    internal void Release(int mark) => _top = mark;

    private void Look()
    {
        if (_steps > Limits.MaxSteps)
        {
            throw Fail(
                TemplateErrorKind.Limit,
                $"The rendering takes more than {Limits.MaxSteps} steps; raise {nameof(TemplateLimits.MaxSteps)} if the template is trusted.");
        }

        if (Stopwatch.GetElapsedTime(_start) > Limits.MaxTime)
        {
            throw Fail(
                TemplateErrorKind.Limit,
                FormattableString.Invariant($"The rendering takes longer than {Limits.MaxTime.TotalSeconds} seconds."));
        }

        _nextLook = Math.Min(_steps + StepsBetweenLooks, Limits.MaxSteps + 1);
    }
}
