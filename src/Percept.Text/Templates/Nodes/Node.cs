using Value = Percept.Text.TemplateValue;

namespace Percept.Text.Templates;

/// <summary>Where a node is bound.</summary>
/// <param name="Scope">The names around it.</param>
/// <param name="Errors">Makes errors of the source.</param>
/// <param name="Blocks">The blocks of the template by name.</param>
/// <param name="IsTopLevel">Whether variables set here are seen by blocks.</param>
/// <param name="IsSoft">Whether a filter that does not exist is an error only when it is used.</param>
/// <param name="InLoop">Whether <c>break</c> and <c>continue</c> have a loop to act on.</param>
internal readonly record struct BindPlace(
    SymbolScope Scope, SourceText Errors, Dictionary<string, BlockStatement> Blocks, bool IsTopLevel, bool IsSoft, bool InLoop)
{
    internal BindPlace Soft => this with { IsSoft = true };

    /// <summary>The place inside a scope of its own.</summary>
    internal BindPlace Inside(SymbolScope scope) => this with { Scope = scope, IsTopLevel = false, IsSoft = false };
}

/// <summary>An expression.</summary>
internal abstract class Expr
{
    /// <summary>The deepest tree of expressions.</summary>
    internal const int MaxDepth = 200;

    private readonly Expr[] _children;

    private protected Expr(int at, params ReadOnlySpan<Expr?> children)
    {
        At = at;
        int count = 0;
        foreach (Expr? child in children)
        {
            count += child is null ? 0 : 1;
        }

        _children = count == 0 ? [] : new Expr[count];
        count = 0;
        foreach (Expr? child in children)
        {
            if (child is not null)
            {
                _children[count++] = child;
                Depth = Math.Max(Depth, child.Depth + 1);
            }
        }
    }

    /// <summary>The place in the source.</summary>
    internal int At { get; }

    internal int Depth { get; }

    /// <summary>Whether the value does not depend on variables.</summary>
    internal virtual bool IsConstant => Array.TrueForAll(_children, child => child.IsConstant);

    /// <summary>Tells a scope which names the expression uses.</summary>
    internal virtual void Declare(SymbolScope scope)
    {
        foreach (Expr child in _children)
        {
            child.Declare(scope);
        }
    }

    /// <summary>Finds the slots of the names.</summary>
    internal virtual void Bind(BindPlace place)
    {
        foreach (Expr child in _children)
        {
            child.Bind(place);
        }
    }

    internal abstract Value Eval(RenderContext c);

    /// <summary>Writes the value as text.</summary>
    internal virtual void Write(RenderContext c) => WriteValue(c, Eval(c));

    private protected static void WriteValue(RenderContext c, Value value)
    {
        if (c.AutoEscape && value.Kind != ValueKind.Markup)
        {
            c.Output.Append(HtmlMarkup.Escape(c, PyText.Str(c, value)));
        }
        else if (value.Ref is string text)
        {
            c.Output.Append(text);
        }
        else
        {
            PyText.Str(c, c.Output, value);
        }
    }
}

/// <summary>How a statement ended.</summary>
internal enum Flow
{
    Normal,
    Break,
    Continue,
}

/// <summary>A statement.</summary>
internal abstract class Statement(int at)
{
    /// <summary>The place in the source.</summary>
    internal int At { get; } = at;

    /// <summary>Tells a scope which names the statement uses in it.</summary>
    internal abstract void Declare(SymbolScope scope);

    /// <summary>Finds the slots of the names and opens the scopes inside.</summary>
    internal abstract void Bind(BindPlace place);

    internal abstract Flow Run(RenderContext c);
}

/// <summary>Statements one after the other.</summary>
internal sealed class Body(List<Statement> statements)
{
    private readonly Statement[] _statements = [.. statements];

    internal bool IsEmpty => _statements.Length == 0;

    internal void Declare(SymbolScope scope)
    {
        foreach (Statement statement in _statements)
        {
            statement.Declare(scope);
        }
    }

    internal void Bind(BindPlace place)
    {
        foreach (Statement statement in _statements)
        {
            statement.Bind(place);
        }
    }

    internal Flow Run(RenderContext c)
    {
        foreach (Statement statement in _statements)
        {
            Flow flow = statement.Run(c);
            if (flow != Flow.Normal)
            {
                return flow;
            }
        }

        return Flow.Normal;
    }
}

/// <summary>What entering a scope does to its variables.</summary>
internal static class Scopes
{
    internal static void Enter(RenderContext c, ScopeEntry[] entries)
    {
        foreach (ScopeEntry entry in entries)
        {
            c.Frame.Slots[entry.Target] = entry.Source is { } source ? Read(c, source) : default;
        }
    }

    /// <summary>Makes the frame of a unit.</summary>
    internal static Frame Open(RenderContext c, Unit unit, (string Name, int Slot)[] resolved, Frame? parent)
    {
        var frame = new Frame(parent, unit.SlotCount);
        foreach ((string name, int slot) in resolved)
        {
            frame.Slots[slot] = c.Resolve(name);
        }

        return frame;
    }

    internal static Value Read(RenderContext c, SlotPlace place)
    {
        Frame frame = c.Frame;
        for (int i = place.Depth; i > 0; i--)
        {
            frame = frame.Parent!;
        }

        return frame.Slots[place.Index];
    }
}
