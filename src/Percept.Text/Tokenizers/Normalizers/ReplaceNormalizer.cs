namespace Percept.Text;

/// <summary>Replaces every match of a pattern by a text (<c>Replace</c>).</summary>
public sealed class ReplaceNormalizer : Normalizer
{
    private readonly TextPattern _pattern;
    private readonly string _content;

    /// <summary>Makes the step.</summary>
    /// <param name="pattern">What is replaced.</param>
    /// <param name="isRegex">Whether it is a regular expression.</param>
    /// <param name="content">What stands there then, as it is.</param>
    public ReplaceNormalizer(string pattern, bool isRegex, string content)
    {
        ArgumentNullException.ThrowIfNull(content);
        _pattern = isRegex ? TextPattern.Regex(pattern) : TextPattern.Literal(pattern);
        _content = content;
    }

    internal override void Apply(NormalizedText text)
    {
        var walker = new MatchWalker(_pattern, text.Chars, ref text.Budget.Left);
        bool any = false;
        while (walker.Next())
        {
            if (!any)
            {
                text.Begin();
                any = true;
            }

            text.Keep(walker.Start - text.Position);
            text.Drop(walker.End - walker.Start);
            for (int i = 0; i < _content.Length;)
            {
                int codePoint = CodePoints.At(_content, i, out int units);
                text.Write(codePoint, 1);
                i += units;
            }
        }

        if (any)
        {
            text.Keep(text.Length - text.Position);
            text.Commit();
        }
    }
}
