using Value = Percept.Text.TemplateValue;

namespace Percept.Text.Templates;

/// <summary>Checks of values, with typed errors.</summary>
internal static class Require
{
    internal static void Hashable(RenderContext c, Value value)
    {
        if (!KeyComparer.IsHashable(value))
        {
            throw c.Fail(TemplateErrorKind.Type, $"A value of type {PyText.TypeName(value)} cannot be a key.");
        }
    }

    internal static string Text(RenderContext c, Value value, string what) =>
        value.TryText(out string text)
            ? text
            : throw Operators.Undefined(c, value)
                ?? c.Fail(TemplateErrorKind.Type, $"{what} must be a text, found {PyText.TypeName(value)}.");

    internal static int Int(RenderContext c, Value value, string what)
    {
        if (!Numbers.TryLong(value, out long number))
        {
            throw value.Kind == ValueKind.BigInt
                ? c.Fail(TemplateErrorKind.Value, $"{what} is too large.")
                : Operators.Undefined(c, value)
                    ?? c.Fail(TemplateErrorKind.Type, $"{what} must be a whole number, found {PyText.TypeName(value)}.");
        }

        return (int)Math.Clamp(number, int.MinValue, int.MaxValue);
    }

    internal static double Number(RenderContext c, Value value, string what) =>
        Numbers.Is(value)
            ? Numbers.Double(c, value)
            : throw Operators.Undefined(c, value)
                ?? c.Fail(TemplateErrorKind.Type, $"{what} must be a number, found {PyText.TypeName(value)}.");

    internal static PyDict Dict(RenderContext c, Value value, string what) =>
        value.Ref as PyDict
        ?? throw Operators.Undefined(c, value)
            ?? c.Fail(TemplateErrorKind.Type, $"{what} must be a mapping, found {PyText.TypeName(value)}.");
}
