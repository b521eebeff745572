using System.Globalization;
using System.Text;
using Value = Percept.Text.TemplateValue;

namespace Percept.Text.Templates;

/// <summary>TemplateFilters of texts.</summary>
internal static partial class TemplateFilters
{
    private static Value ToText(RenderContext c, Value value, Args args)
    {
        args.Check(c, "string", 0);
        return value.TryText(out _) ? value : new Value(Text(c, value));
    }

    private static Value Safe(RenderContext c, Value value, Args args)
    {
        args.Check(c, "safe", 0);
        return Value.Markup(Text(c, value));
    }

    private static Value Escape(RenderContext c, Value value, Args args)
    {
        args.Check(c, "escape", 0);
        return value.Kind == ValueKind.Markup ? value : Value.Markup(HtmlMarkup.Escape(c, Text(c, value)));
    }

    private static Value ForceEscape(RenderContext c, Value value, Args args)
    {
        args.Check(c, "forceescape", 0);
        return Value.Markup(HtmlMarkup.Escape(c, Text(c, value)));
    }

    private static Value StripTags(RenderContext c, Value value, Args args)
    {
        args.Check(c, "striptags", 0);
        string text = Text(c, value);
        c.CheckText(text.Length);
        return new Value(HtmlMarkup.StripTags(text));
    }

    private static Value Trim(RenderContext c, Value value, Args args)
    {
        args.Check(c, "trim", 0, "chars");
        Value chars = args.Get(0, "chars");
        string? gone = chars.IsMissing || chars.IsNone ? null : Require.Text(c, chars, "The characters to trim");
        return Like(value, TextMethods.Strip(c, Text(c, value), gone, (true, true)));
    }

    private static Value Replace(RenderContext c, Value value, Args args)
    {
        args.Check(c, "replace", 2, "old", "new", "count");
        Value count = args.Get(2, "count");
        int most = count.IsMissing || count.IsNone ? -1 : Require.Int(c, count, "The count");
        return Like(
            value, TextMethods.Replace(c, Text(c, value), Text(c, args.Get(0, "old")), Text(c, args.Get(1, "new")), most));
    }

    private static Value Format(RenderContext c, Value value, Args args)
    {
        if (args.Count > 0 && args.Names.Length > 0)
        {
            throw c.Fail(TemplateErrorKind.Type, "'format' takes arguments with names or without, not both.");
        }

        Value values = args.Names.Length > 0 ? new Value(args.NamedDict()) : Value.Tuple(args.Positional);
        return Like(value, PercentFormat.Apply(c, Text(c, value), values));
    }

    private static Value Center(RenderContext c, Value value, Args args)
    {
        args.Check(c, "center", 0, "width");
        Value width = args.Get(0, "width");
        return Like(
            value, TextMethods.Justify(c, Text(c, value), width.IsMissing ? 80 : Require.Int(c, width, "The width"), "center", " "));
    }

    /// <summary>Words after white space, hyphens and opening brackets begin with an upper case letter.</summary>
    private static string Title(string text)
    {
        var titled = new StringBuilder(text.Length + 8);
        int start = 0;
        for (int i = 0; i <= text.Length; i++)
        {
            bool isBreak = i < text.Length && (text[i] is '-' or '(' or '{' or '[' or '<' || TextUnits.IsSpace(text[i]));
            if (!isBreak && i < text.Length)
            {
                continue;
            }

            if (i > start)
            {
                string word = text[start..i];
                int width = TextUnits.Width(word, 0);
                titled.Append(CaseMapping.Upper(word[..width])).Append(CaseMapping.Lower(word[width..]));
            }

            if (i < text.Length)
            {
                titled.Append(text[i]);
            }

            start = i + 1;
        }

        return titled.ToString();
    }

    private static Value Join(RenderContext c, Value value, Args args)
    {
        string separator = string.Empty;
        AttributePath? path = null;
        if (args.Count + args.Names.Length > 0)
        {
            args.Check(c, "join", 0, "d", "attribute");
            Value attribute = args.Get(1, "attribute");
            separator = args.Get(0, "d").IsMissing ? string.Empty : Text(c, args.Get(0, "d"));
            path = attribute.IsMissing || attribute.IsNone ? null : AttributePath.Parse(c, attribute);
        }

        using var buffer = new TextBuffer(c, c.Limits.MaxTextLength);
        IEnumerator<Value> items = Iteration.Over(c, value);
        for (int index = 0; items.MoveNext(); index++)
        {
            if (index > 0)
            {
                buffer.Append(separator);
            }

            c.Charge(1);
            PyText.Str(c, buffer, path is null ? items.Current : path.Get(c, items.Current));
        }

        return new Value(buffer.Cut(0));
    }

    private static Value Indent(RenderContext c, Value value, Args args)
    {
        args.Check(c, "indent", 0, "width", "first", "blank");
        Value width = args.Get(0, "width");
        string step = width.TryText(out string given) ? given
            : Spaces(c, width.IsMissing ? 4 : Require.Int(c, width, "The width of 'indent'"));
        bool first = Operators.Truth(args.Get(1, "first"));
        bool blank = Operators.Truth(args.Get(2, "blank"));
        string text = Require.Text(c, value, "The value of 'indent'") + "\n";
        using var buffer = new TextBuffer(c, c.Limits.MaxTextLength);
        bool isFirst = true;
        foreach ((int start, int end, _) in TextMethods.Lines(text))
        {
            if (!isFirst)
            {
                buffer.Append('\n');
            }

            if (isFirst ? first : blank || end > start)
            {
                buffer.Append(step);
            }

            buffer.Append(text.AsSpan(start, end - start));
            isFirst = false;
        }

        return Like(value, buffer.Cut(0));
    }

    private static Value Truncate(RenderContext c, Value value, Args args)
    {
        args.Check(c, "truncate", 0, "length", "killwords", "end", "leeway");
        int Whole(Value given, int missing, string what) =>
            given.IsMissing || given.IsNone ? missing : Require.Int(c, given, what);
        int length = Whole(args.Get(0, "length"), 255, "The length");
        int leeway = Whole(args.Get(3, "leeway"), 5, "The leeway");
        string end = args.Get(2, "end").IsMissing ? "..." : Require.Text(c, args.Get(2, "end"), "The end");
        int endLength = TextUnits.Count(end);
        if (length < endLength || leeway < 0)
        {
            throw c.Fail(TemplateErrorKind.Value, "The length of 'truncate' must leave room for its end, and the leeway be positive.");
        }

        if (Iteration.Length(value) is { } count && count <= (long)length + leeway)
        {
            return value;
        }

        string text = Require.Text(c, value, "The value of 'truncate'");

        string kept = text[..TextUnits.UnitOf(text, length - endLength)];
        if (!Operators.Truth(args.Get(1, "killwords")))
        {
            int space = kept.LastIndexOf(' ');
            kept = space < 0 ? kept : kept[..space];
        }

        return Like(value, kept + end);
    }

    private static Value WordCount(RenderContext c, Value value, Args args)
    {
        args.Check(c, "wordcount", 0);
        string text = Text(c, value);
        c.Charge(text.Length);
        long words = 0;
        bool isInside = false;
        foreach (int point in TextUnits.ToArray(text))
        {
            bool isWord = point == '_' || CharacterClass.IsAlphanumeric(point);
            words += isWord && !isInside ? 1 : 0;
            isInside = isWord;
        }

        return Value.From(words);
    }

    private static Value WordWrap(RenderContext c, Value value, Args args)
    {
        args.Check(c, "wordwrap", 0, "width", "break_long_words", "wrapstring", "break_on_hyphens");
        bool Flag(Value given) => given.IsMissing || Operators.Truth(given);
        Value width = args.Get(0, "width");
        Value joint = args.Get(2, "wrapstring");
        var wrap = new WordWrapper(
            width.IsMissing ? 79 : Require.Int(c, width, "The width of 'wordwrap'"),
            Flag(args.Get(1, "break_long_words")),
            Flag(args.Get(3, "break_on_hyphens")));
        if (wrap.Width <= 0)
        {
            throw c.Fail(TemplateErrorKind.Value, "The width of 'wordwrap' must be positive.");
        }

        string text = Require.Text(c, value, "The value of 'wordwrap'");
        string separator = joint.IsMissing || joint.IsNone ? "\n" : Require.Text(c, joint, "The wrapstring");
        using var buffer = new TextBuffer(c, c.Limits.MaxTextLength);
        bool isFirst = true;
        foreach ((int start, int end, _) in TextMethods.Lines(text))
        {
            IEnumerable<string> lines = wrap.Wrap(text[start..end]);
            foreach (string line in lines.DefaultIfEmpty(string.Empty))
            {
                buffer.Append(isFirst ? string.Empty : separator);
                buffer.Append(line);
                c.Charge(line.Length);
                isFirst = false;
            }
        }

        return Like(value, buffer.Cut(0));
    }

    private static Value UrlEncode(RenderContext c, Value value, Args args)
    {
        args.Check(c, "urlencode", 0);
        if (value.TryText(out string text) || !Iteration.Can(value))
        {
            return new Value(Quote(c, Text(c, value), isQuery: false));
        }

        using var buffer = new TextBuffer(c, c.Limits.MaxTextLength);
        Value pairs = value.Ref is PyDict dict ? new Value(new PyView(dict, DictPart.Items)) : value;
        foreach (Value pair in Iteration.ToArray(c, pairs))
        {
            Value[] parts = Iteration.ToArray(c, pair);
            if (parts.Length != 2)
            {
                throw c.Fail(TemplateErrorKind.Value, $"'urlencode' needs pairs, found {parts.Length} values.");
            }

            buffer.Append(buffer.Length > 0 ? "&" : "");
            buffer.Append(Quote(c, Text(c, parts[0]), isQuery: true));
            buffer.Append('=');
            buffer.Append(Quote(c, Text(c, parts[1]), isQuery: true));
        }

        return new Value(buffer.Cut(0));
    }

    private static string Quote(RenderContext c, string text, bool isQuery)
    {
        c.CheckText(3L * text.Length);
        var quoted = new StringBuilder(text.Length + 16);
        foreach (byte octet in Encoding.UTF8.GetBytes(text))
        {
            char unit = (char)octet;
            if (char.IsAsciiLetterOrDigit(unit) || unit is '_' or '.' or '-' or '~' || (unit == '/' && !isQuery))
            {
                quoted.Append(unit);
            }
            else if (unit == ' ' && isQuery)
            {
                quoted.Append('+');
            }
            else
            {
                quoted.Append('%').Append(octet.ToString("X2", CultureInfo.InvariantCulture));
            }
        }

        return quoted.ToString();
    }

    private static Value XmlAttributes(RenderContext c, Value value, Args args)
    {
        args.Check(c, "xmlattr", 0, "autospace");
        Value space = args.Get(0, "autospace");
        PyDict dict = Require.Dict(c, value, "The value of 'xmlattr'");
        using var buffer = new TextBuffer(c, c.Limits.MaxTextLength);
        for (int i = 0; i < dict.Count; i++)
        {
            if (dict.ValueAt(i).IsNone || dict.ValueAt(i).IsUndefined)
            {
                continue;
            }

            string key = Require.Text(c, dict.KeyAt(i), "A key of 'xmlattr'");
            if (key.AsSpan().IndexOfAny(" \t\n\r\f\v/>=") >= 0)
            {
                throw c.Fail(TemplateErrorKind.Value, $"The attribute name '{key}' has a character that is not allowed.");
            }

            buffer.Append(buffer.Length > 0 || space.IsMissing || Operators.Truth(space) ? " " : "");
            buffer.Append(HtmlMarkup.Escape(c, key));
            buffer.Append("=\"");
            buffer.Append(HtmlMarkup.Escape(c, Text(c, dict.ValueAt(i))));
            buffer.Append('"');
        }

        string result = buffer.Cut(0);
        return c.AutoEscape ? Value.Markup(result) : new Value(result);
    }
}
