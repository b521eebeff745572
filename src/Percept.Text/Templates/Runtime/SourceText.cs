namespace Percept.Text.Templates;

/// <summary>A template's source with its line breaks made one kind.</summary>
internal sealed class SourceText(string text)
{
    internal string Text { get; } = Normalize(text);

    internal TemplateException Fail(TemplateErrorKind kind, string reason, int at)
    {
        ReadOnlySpan<char> before = Text.AsSpan(0, Math.Min(at, Text.Length));
        int line = 1 + before.Count('\n');
        int column = before.Length - before.LastIndexOf('\n');
        return new TemplateException(kind, reason, line, column);
    }

    /// <summary>Every line break becomes a line feed; one at the very end is dropped.</summary>
    private static string Normalize(string text)
    {
        if (text.Contains('\r'))
        {
            text = text.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');
        }

        return text.EndsWith('\n') ? text[..^1] : text;
    }
}
