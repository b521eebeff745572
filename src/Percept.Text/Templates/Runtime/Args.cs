using Value = Percept.Text.TemplateValue;

namespace Percept.Text.Templates;

/// <summary>A function of the language: a filter, or a method with the value it belongs to.</summary>
internal delegate Value Function(RenderContext c, Value self, Args args);

/// <summary>The arguments of a call.</summary>
internal readonly ref struct Args
{
    internal Args(ReadOnlySpan<Value> positional, ReadOnlySpan<string> names, ReadOnlySpan<Value> named)
    {
        Positional = positional;
        Names = names;
        Named = named;
    }

    internal ReadOnlySpan<Value> Positional { get; }

    internal ReadOnlySpan<string> Names { get; }

    /// <summary>The values of <see cref="Names"/>.</summary>
    internal ReadOnlySpan<Value> Named { get; }

    internal int Count => Positional.Length;

    internal Value this[int index] => index < Positional.Length ? Positional[index] : default;

    /// <summary>An argument by place or name; missing when not given.</summary>
    internal Value Get(int index, string name)
    {
        if (index < Positional.Length)
        {
            return Positional[index];
        }

        int found = Names.IndexOf(name);
        return found < 0 ? default : Named[found];
    }

    internal Args From(int index) => new(Positional[Math.Min(index, Positional.Length)..], Names, Named);

    /// <summary>Refuses arguments that a function does not know, and demands those it needs.</summary>
    /// <param name="c">The rendering.</param>
    /// <param name="function">The function's name.</param>
    /// <param name="needed">How many of the arguments must be given.</param>
    /// <param name="names">The names of the arguments; one that starts with '/' can be given by place only.</param>
    internal void Check(RenderContext c, string function, int needed, params ReadOnlySpan<string> names)
    {
        if (Positional.Length > names.Length)
        {
            throw c.Fail(
                TemplateErrorKind.Type, $"'{function}' takes at most {names.Length} arguments, found {Positional.Length}.");
        }

        for (int i = 0; i < Names.Length; i++)
        {
            int known = names.IndexOf(Names[i]);
            if (known < Positional.Length || Names[i].StartsWith('/'))
            {
                throw c.Fail(TemplateErrorKind.Type, $"'{function}' does not take the argument '{Names[i]}' here.");
            }
        }

        for (int i = Positional.Length; i < needed; i++)
        {
            if (Names.IndexOf(names[i]) < 0)
            {
                throw c.Fail(TemplateErrorKind.Type, $"'{function}' needs the argument '{names[i].TrimStart('/')}'.");
            }
        }
    }

    internal PyDict NamedDict()
    {
        var dict = new PyDict(Names.Length);
        for (int i = 0; i < Names.Length; i++)
        {
            dict.Set(new Value(Names[i]), Named[i]);
        }

        return dict;
    }
}
