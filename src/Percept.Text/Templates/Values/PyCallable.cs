using Value = Percept.Text.TemplateValue;

namespace Percept.Text.Templates;

/// <summary>What can be called.</summary>
internal abstract class PyCallable() : PyObject(ValueKind.Callable)
{
    internal abstract Value Call(RenderContext c, Args args);

    /// <summary>What printing it gives.</summary>
    internal abstract string Describe();
}

/// <summary>A function, or a method together with its value.</summary>
internal sealed class PyFunction(string name, Function function, Value self = default) : PyCallable
{
    internal override Value Call(RenderContext c, Args args) => function(c, self, args);

    internal override string Describe() => self.IsMissing
        ? $"<function {name}>"
        : $"<built-in method {name} of {PyText.TypeName(self)} object>";
}

/// <summary>The object of <c>joiner()</c>: nothing at first, then its separator.</summary>
internal sealed class PyJoiner(Value separator) : PyCallable
{
    internal Value Separator { get; } = separator;

    internal bool Used { get; private set; }

    internal override Value Call(RenderContext c, Args args)
    {
        args.Check(c, "joiner", 0);
        bool first = !Used;
        Used = true;
        return first ? Value.Empty : Separator;
    }

    internal override string Describe() => "<Joiner object>";
}
