using Value = Percept.Text.TemplateValue;

namespace Percept.Text.Templates;

/// <summary>TemplateFilters that apply filters and tests to items.</summary>
internal static partial class TemplateFilters
{
    private static Value Map(RenderContext c, Value value, Args args) =>
        Iterator(Mapped(c, value, new KeptArgs(args)));

    private static IEnumerator<Value> Mapped(RenderContext c, Value value, KeptArgs args)
    {
        if (!Operators.Truth(value))
        {
            yield break;
        }

        AttributePath? path = null;
        Function? filter = null;
        if (args.Positional.Length == 0 && args.Names.Contains("attribute"))
        {
            string? unknown = args.Names.FirstOrDefault(name => name is not ("attribute" or "default"));
            if (unknown is not null)
            {
                throw c.Fail(TemplateErrorKind.Type, $"'map' does not take the argument '{unknown}'.");
            }

            path = AttributePath.Parse(c, args.Get("attribute"), args.Get("default"));
        }
        else
        {
            string name = args.Positional.Length > 0
                ? Require.Text(c, args.Positional[0], "The name of a filter")
                : throw c.Fail(TemplateErrorKind.Type, "'map' needs the name of a filter or an attribute.");
            filter = Find(name) ?? throw c.Fail(TemplateErrorKind.Type, $"There is no filter '{name}'.");
        }

        IEnumerator<Value> items = Iteration.Over(c, value);
        while (items.MoveNext())
        {
            c.Charge(1);
            yield return path is not null ? path.Get(c, items.Current) : filter!(c, items.Current, args.From(1));
        }
    }

    private static Value Select(RenderContext c, Value value, Args args, (bool Keep, bool ByAttribute) how) =>
        Iterator(Selected(c, value, new KeptArgs(args), how));

    private static IEnumerator<Value> Selected(RenderContext c, Value value, KeptArgs args, (bool Keep, bool ByAttribute) how)
    {
        if (!Operators.Truth(value))
        {
            yield break;
        }

        int at = how.ByAttribute ? 1 : 0;
        AttributePath path = AttributePath.Whole;
        if (how.ByAttribute)
        {
            path = args.Positional.Length > 0
                ? AttributePath.Parse(c, args.Positional[0])
                : throw c.Fail(TemplateErrorKind.Type, "The name of an attribute is missing.");
        }

        Test? test = null;
        if (args.Positional.Length > at)
        {
            string name = Require.Text(c, args.Positional[at], "The name of a test");
            test = Tests.Find(name) ?? throw c.Fail(TemplateErrorKind.Type, $"There is no test '{name}'.");
        }

        IEnumerator<Value> items = Iteration.Over(c, value);
        while (items.MoveNext())
        {
            c.Charge(1);
            Value item = items.Current;
            Value judged = path.Get(c, item);
            bool holds = test is null ? Operators.Truth(judged) : test(c, judged, args.From(at + 1));
            if (holds == how.Keep)
            {
                yield return item;
            }
        }
    }

    /// <summary>Arguments that outlive their call.</summary>
    private sealed class KeptArgs(Args args)
    {
        internal Value[] Positional { get; } = args.Positional.ToArray();

        internal string[] Names { get; } = args.Names.ToArray();

        private Value[] Named { get; } = args.Named.ToArray();

        internal Value Get(string name)
        {
            int found = Names.IndexOf(name);
            return found < 0 ? default : Named[found];
        }

        internal Args From(int index) => new(Positional.AsSpan(Math.Min(index, Positional.Length)), Names, Named);
    }
}
