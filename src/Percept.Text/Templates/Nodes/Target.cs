using Value = Percept.Text.TemplateValue;

namespace Percept.Text.Templates;

/// <summary>What a value is assigned to.</summary>
internal abstract class Target
{
    internal abstract void Declare(SymbolScope scope);

    /// <summary>Declares the names as set on entering a scope.</summary>
    internal abstract void DeclareParameter(SymbolScope scope);

    internal abstract void Bind(BindPlace place);

    internal abstract void Assign(RenderContext c, Value value);
}

/// <summary>A variable.</summary>
internal sealed class NameTarget(string name) : Target
{
    private int _slot;
    private bool _isExported;

    internal string Name { get; } = name;

    internal override void Declare(SymbolScope scope) => scope.Store(Name);

    internal override void DeclareParameter(SymbolScope scope) => scope.Parameter(Name);

    internal override void Bind(BindPlace place)
    {
        _slot = place.Scope.Need(Name).From(place.Scope.Unit).Index;
        _isExported = place.IsTopLevel && place.Blocks.Count > 0;
    }

    internal override void Assign(RenderContext c, Value value)
    {
        c.Frame.Slots[_slot] = value;
        if (_isExported)
        {
            c.Export(Name, value);
        }
    }
}

/// <summary>An attribute of a namespace object.</summary>
internal sealed class NamespaceTarget(NameExpr space, string attribute) : Target
{
    private readonly Value _attribute = new(attribute);

    internal override void Declare(SymbolScope scope) => space.Declare(scope);

    internal override void DeclareParameter(SymbolScope scope) => space.Declare(scope);

    internal override void Bind(BindPlace place) => space.Bind(place);

    internal override void Assign(RenderContext c, Value value)
    {
        if (space.Eval(c).Ref is not PyNamespace target)
        {
            throw c.Fail(
                TemplateErrorKind.Type, $"'{space.Name}.{attribute}' cannot be set: '{space.Name}' is no namespace().");
        }

        target.Attributes.Set(_attribute, value);
    }
}

/// <summary>Several targets that share the items of a value.</summary>
internal sealed class TupleTarget(Target[] parts) : Target
{
    internal override void Declare(SymbolScope scope)
    {
        foreach (Target part in parts)
        {
            part.Declare(scope);
        }
    }

    internal override void DeclareParameter(SymbolScope scope)
    {
        foreach (Target part in parts)
        {
            part.DeclareParameter(scope);
        }
    }

    internal override void Bind(BindPlace place)
    {
        foreach (Target part in parts)
        {
            part.Bind(place);
        }
    }

    internal override void Assign(RenderContext c, Value value)
    {
        if (!Iteration.Can(value))
        {
            throw Iteration.NotIterable(c, value);
        }

        if (!Iteration.TrySpan(value, out ReadOnlySpan<Value> items))
        {
            items = Iteration.ToArray(c, value);
        }

        if (items.Length != parts.Length)
        {
            throw c.Fail(
                TemplateErrorKind.Value, $"{parts.Length} variables are to be set, but there are {items.Length} values.");
        }

        for (int i = 0; i < parts.Length; i++)
        {
            parts[i].Assign(c, items[i]);
        }
    }
}
