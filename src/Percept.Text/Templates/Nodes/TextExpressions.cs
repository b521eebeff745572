using System.Buffers;
using System.Runtime.CompilerServices;
using Value = Percept.Text.TemplateValue;

namespace Percept.Text.Templates;

/// <summary>Sums in a row: <c>a + b + c</c>. Texts are joined at once, or written without being joined.</summary>
internal sealed class SumExpr(int at, Expr[] terms, int[] places) : Expr(at, terms)
{
    internal Expr[] Terms { get; } = terms;

    /// <summary>The place of the sign before each term but the first.</summary>
    internal int[] Places { get; } = places;

    internal override Value Eval(RenderContext c)
    {
        int mark = c.Mark();
        if (!EvalTexts(c, mark, out Value result))
        {
            c.Release(mark);
            return result;
        }

        ReadOnlySpan<Value> values = c.Since(mark);
        long length = 0;
        foreach (Value value in values)
        {
            length += Unsafe.As<string>(value.Ref!).Length;
        }

        c.CheckText(length);
        string joined = Join(values);
        c.Release(mark);
        return new Value(joined);
    }

    internal override void Write(RenderContext c)
    {
        if (c.AutoEscape)
        {
            WriteValue(c, Eval(c));
            return;
        }

        int mark = c.Mark();
        if (!EvalTexts(c, mark, out Value result))
        {
            c.Release(mark);
            WriteValue(c, result);
            return;
        }

        foreach (Value value in c.Since(mark))
        {
            c.Output.Append(Unsafe.As<string>(value.Ref!));
        }

        c.Release(mark);
    }

    /// <summary>Joins values that are all plain texts.</summary>
    internal static string Join(ReadOnlySpan<Value> texts)
    {
        switch (texts.Length)
        {
            case 2:
                return string.Concat(Unsafe.As<string>(texts[0].Ref), Unsafe.As<string>(texts[1].Ref));
            case 3:
                return string.Concat(
                    Unsafe.As<string>(texts[0].Ref), Unsafe.As<string>(texts[1].Ref), Unsafe.As<string>(texts[2].Ref));
        }

        string[] parts = ArrayPool<string>.Shared.Rent(texts.Length);
        for (int i = 0; i < texts.Length; i++)
        {
            parts[i] = Unsafe.As<string>(texts[i].Ref!);
        }

        string joined = string.Concat(parts.AsSpan(0, texts.Length)!);
        ArrayPool<string>.Shared.Return(parts, clearArray: true);
        return joined;
    }

    /// <summary>Evaluates the terms onto the stack; stops being lazy when one is no text.</summary>
    private bool EvalTexts(RenderContext c, int mark, out Value result)
    {
        result = default;
        for (int i = 0; i < Terms.Length; i++)
        {
            Value value = Terms[i].Eval(c);
            c.Push(value);
            if (value.Ref is not string)
            {
                result = Fold(c, mark, i);
                return false;
            }
        }

        return true;
    }

    /// <summary>Adds term by term, as written.</summary>
    private Value Fold(RenderContext c, int mark, int evaluated)
    {
        Value sum = c.Since(mark)[0];
        for (int i = 1; i < Terms.Length; i++)
        {
            Value term = i <= evaluated ? c.Since(mark)[i] : Terms[i].Eval(c);
            c.At = Places[i - 1];
            sum = Operators.Apply(c, Operator.Add, sum, term);
        }

        return sum;
    }
}

/// <summary>Texts in a row: <c>a ~ b ~ c</c>.</summary>
internal sealed class ConcatExpr(int at, Expr[] terms) : Expr(at, terms)
{
    internal override Value Eval(RenderContext c)
    {
        int mark = c.Mark();
        long length = 0;
        foreach (Expr term in terms)
        {
            Value value = term.Eval(c);
            string text = c.AutoEscape && value.Kind != ValueKind.Markup
                ? HtmlMarkup.Escape(c, PyText.Str(c, value))
                : PyText.Str(c, value);
            length += text.Length;
            c.At = At;
            c.CheckText(length);
            c.Push(new Value(text));
        }

        string joined = SumExpr.Join(c.Since(mark));
        c.Release(mark);
        return c.AutoEscape ? Value.Markup(joined) : new Value(joined);
    }

    internal override void Write(RenderContext c)
    {
        if (c.AutoEscape)
        {
            WriteValue(c, Eval(c));
            return;
        }

        // All terms are evaluated before the first is written: a macro among them writes to the same output.
        int mark = c.Mark();
        foreach (Expr term in terms)
        {
            Value value = term.Eval(c);
            c.Push(value);
        }

        foreach (Value value in c.Since(mark))
        {
            PyText.Str(c, c.Output, value);
        }

        c.Release(mark);
    }
}
