using System.Buffers;
using System.Collections.Frozen;
using Value = Percept.Text.TemplateValue;

namespace Percept.Text.Templates;

/// <summary>The methods of texts.</summary>
internal static partial class TextMethods
{
    private static readonly FrozenDictionary<string, Function> s_all = new Dictionary<string, Function>(StringComparer.Ordinal)
    {
        ["upper"] = Map("upper", CaseMapping.Upper),
        ["lower"] = Map("lower", CaseMapping.Lower),
        ["title"] = Map("title", CaseMapping.Title),
        ["capitalize"] = Map("capitalize", CaseMapping.Capitalize),
        ["swapcase"] = Map("swapcase", CaseMapping.Swap),
        ["casefold"] = Map("casefold", CaseMapping.Fold),
        ["strip"] = (c, self, args) => Strip(c, self, args, "strip", (true, true)),
        ["lstrip"] = (c, self, args) => Strip(c, self, args, "lstrip", (true, false)),
        ["rstrip"] = (c, self, args) => Strip(c, self, args, "rstrip", (false, true)),
        ["split"] = Split,
        ["rsplit"] = SplitRight,
        ["splitlines"] = SplitLines,
        ["partition"] = (c, self, args) => Partition(c, self, args, "partition", fromRight: false),
        ["rpartition"] = (c, self, args) => Partition(c, self, args, "rpartition", fromRight: true),
        ["join"] = Join,
        ["replace"] = Replace,
        ["startswith"] = (c, self, args) => Affix(c, self, args, "startswith", atStart: true),
        ["endswith"] = (c, self, args) => Affix(c, self, args, "endswith", atStart: false),
        ["removeprefix"] = RemovePrefix,
        ["removesuffix"] = RemoveSuffix,
        ["find"] = (c, self, args) => Find(c, self, args, "find", fromRight: false, mustExist: false),
        ["rfind"] = (c, self, args) => Find(c, self, args, "rfind", fromRight: true, mustExist: false),
        ["index"] = (c, self, args) => Find(c, self, args, "index", fromRight: false, mustExist: true),
        ["rindex"] = (c, self, args) => Find(c, self, args, "rindex", fromRight: true, mustExist: true),
        ["count"] = Count,
        ["format"] = Format,
        ["format_map"] = FormatMap,
        ["ljust"] = (c, self, args) => Justify(c, self, args, "ljust"),
        ["rjust"] = (c, self, args) => Justify(c, self, args, "rjust"),
        ["center"] = (c, self, args) => Justify(c, self, args, "center"),
        ["zfill"] = ZeroFill,
        ["expandtabs"] = ExpandTabs,
        ["isalpha"] = All("isalpha", CharacterClass.IsAlpha),
        ["isalnum"] = All("isalnum", CharacterClass.IsAlphanumeric),
        ["isdigit"] = All("isdigit", point => CharacterClass.IsDecimal(point) || CharacterClass.IsDigit(point)),
        ["isdecimal"] = All("isdecimal", CharacterClass.IsDecimal),
        ["isnumeric"] = All("isnumeric", CharacterClass.IsNumeric),
        ["isspace"] = All("isspace", point => point < 0x10000 && TextUnits.IsSpace((char)point)),
        ["isprintable"] = All("isprintable", ReprText.IsPrintable, whenEmpty: true),
        ["isascii"] = All("isascii", point => point < 128, whenEmpty: true),
        ["islower"] = Judge("islower", IsLower),
        ["isupper"] = Judge("isupper", IsUpper),
        ["istitle"] = Judge("istitle", IsTitle),
        ["isidentifier"] = Judge("isidentifier", IsIdentifier),
        ["encode"] = Refuse("encode"),
        ["translate"] = Refuse("translate"),
        ["maketrans"] = Refuse("maketrans"),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    internal static Function? Find(string name) => s_all.GetValueOrDefault(name);

    internal static bool IsLower(string text) => HasCase(text, CharacterClass.IsLower);

    internal static bool IsUpper(string text) => HasCase(text, CharacterClass.IsUpper);

    /// <summary>A result that is markup where the text itself is.</summary>
    private static Value Like(Value self, string text) =>
        self.Kind == ValueKind.Markup ? Value.Markup(text) : new Value(text);

    private static string Own(Value self)
    {
        _ = self.TryText(out string text);
        return text;
    }

    private static Function Map(string name, Func<string, string> map) => (c, self, args) =>
    {
        args.Check(c, name, 0);
        string text = Own(self);
        c.CheckText(text.Length);
        return Like(self, map(text));
    };

    private static Function All(string name, Predicate<int> test, bool whenEmpty = false) => (c, self, args) =>
    {
        args.Check(c, name, 0);
        string text = Own(self);
        c.Charge(text.Length);
        return Value.From(text.Length == 0 ? whenEmpty : Array.TrueForAll(TextUnits.ToArray(text), test));
    };

    private static Function Judge(string name, Func<string, bool> judge) => (c, self, args) =>
    {
        args.Check(c, name, 0);
        string text = Own(self);
        c.Charge(text.Length);
        return Value.From(judge(text));
    };

    private static Function Refuse(string name) => (c, _, _) =>
        throw c.Fail(TemplateErrorKind.Unsupported, $"The text method '{name}' is not supported in chat templates.");

    private static bool HasCase(string text, Predicate<int> wanted)
    {
        bool any = false;
        foreach (int point in TextUnits.ToArray(text))
        {
            bool fits = wanted(point);
            if (!fits && CharacterClass.IsCased(point))
            {
                return false;
            }

            any |= fits;
        }

        return any;
    }

    private static bool IsTitle(string text)
    {
        bool any = false;
        bool isInside = false;
        foreach (int point in TextUnits.ToArray(text))
        {
            if (CharacterClass.IsUpper(point) || CharacterClass.IsTitle(point))
            {
                if (isInside)
                {
                    return false;
                }

                isInside = any = true;
            }
            else if (CharacterClass.IsLower(point))
            {
                if (!isInside)
                {
                    return false;
                }
            }
            else
            {
                isInside = false;
            }
        }

        return any;
    }

    private static bool IsIdentifier(string text)
    {
        int[] points = TextUnits.ToArray(text);
        return points.Length > 0 && !CharacterClass.IsNumeric(points[0])
            && Array.TrueForAll(points, point => point == '_' || CharacterClass.IsAlphanumeric(point));
    }

    private static Value Strip(RenderContext c, Value self, Args args, string name, (bool Start, bool End) sides)
    {
        args.Check(c, name, 0, "/chars");
        string text = Own(self);
        string? chars = args.Count == 0 || args[0].IsNone ? null : Require.Text(c, args[0], $"The argument of '{name}'");
        string stripped = Strip(c, text, chars, sides);
        return ReferenceEquals(stripped, text) ? self : Like(self, stripped);
    }

    /// <summary>Removes white space, or the given characters, from the ends.</summary>
    internal static string Strip(RenderContext c, string text, string? chars, (bool Start, bool End) sides)
    {
        int start = 0;
        int end = text.Length;
        if (chars is null || (TextUnits.AreUnits(chars) && TextUnits.AreUnits(text)))
        {
            c.Charge(((long)text.Length + (chars?.Length ?? 0)) >> 2);
            SearchValues<char>? gone = chars is null ? null : SearchValues.Create(chars);
            bool Goes(char unit) => gone is null ? TextUnits.IsSpace(unit) : gone.Contains(unit);
            while (sides.Start && start < end && Goes(text[start]))
            {
                start++;
            }

            while (sides.End && end > start && Goes(text[end - 1]))
            {
                end--;
            }
        }
        else
        {
            c.Charge(text.Length);
            int[] points = TextUnits.ToArray(text);
            HashSet<int> gonePoints = [.. TextUnits.ToArray(chars)];
            int last = points.Length;
            for (int first = 0; sides.Start && first < last && gonePoints.Contains(points[first]); first++)
            {
                start += TextUnits.Width(text, start);
            }

            while (sides.End && end > start && gonePoints.Contains(points[last - 1]))
            {
                end -= points[--last] > 0xFFFF ? 2 : 1;
            }
        }

        if (start == 0 && end == text.Length)
        {
            return text;
        }

        c.CheckText(end - start);
        return text[start..end];
    }

    private static Value Format(RenderContext c, Value self, Args args) =>
        Like(self, BraceFormat.Apply(c, Own(self), args.Positional, args.NamedDict()));

    private static Value FormatMap(RenderContext c, Value self, Args args)
    {
        args.Check(c, "format_map", 1, "/mapping");
        return Like(self, BraceFormat.Apply(c, Own(self), [], Require.Dict(c, args[0], "The argument of 'format_map'")));
    }

    private static Value Justify(RenderContext c, Value self, Args args, string name)
    {
        args.Check(c, name, 1, "/width", "/fillchar");
        string fill = args.Count > 1 ? Require.Text(c, args[1], "The fill character") : " ";
        return TextUnits.Count(fill) == 1
            ? Like(self, Justify(c, Own(self), Require.Int(c, args[0], "The width"), name, fill))
            : throw c.Fail(TemplateErrorKind.Type, "The fill character must be one character.");
    }

    internal static string Justify(RenderContext c, string text, int width, string name, string fill)
    {
        int missing = width - TextUnits.Count(text);
        if (missing <= 0)
        {
            return text;
        }

        c.CheckText((long)text.Length + ((long)missing * fill.Length));

        // Python's own rounding: the odd one goes to the left when the width is odd too.
        int left = name == "ljust" ? 0 : name == "rjust" ? missing : (missing / 2) + (missing & width & 1);
        return new System.Text.StringBuilder(text.Length + (missing * fill.Length))
            .Insert(0, fill, left).Append(text).Insert((left * fill.Length) + text.Length, fill, missing - left).ToString();
    }

    private static Value ZeroFill(RenderContext c, Value self, Args args)
    {
        args.Check(c, "zfill", 1, "/width");
        string text = Own(self);
        int missing = Require.Int(c, args[0], "The width") - TextUnits.Count(text);
        if (missing <= 0)
        {
            return self;
        }

        c.CheckText((long)text.Length + missing);
        int sign = text.Length > 0 && (text[0] is '+' or '-') ? 1 : 0;
        return Like(self, text[..sign] + new string('0', missing) + text[sign..]);
    }

    private static Value ExpandTabs(RenderContext c, Value self, Args args)
    {
        args.Check(c, "expandtabs", 0, "tabsize");
        Value given = args.Get(0, "tabsize");
        int size = given.IsMissing ? 8 : Require.Int(c, given, "The tab size");
        var text = new System.Text.StringBuilder();
        int column = 0;
        c.Charge(Own(self).Length >> 2);
        foreach (char unit in Own(self))
        {
            if (unit == '\t')
            {
                int spaces = size > 0 ? size - (column % size) : 0;
                c.CheckGrowth((long)text.Length + spaces, spaces);
                text.Append(' ', spaces);
                column += spaces;
            }
            else
            {
                text.Append(unit);
                column = unit is '\n' or '\r' ? 0 : char.IsLowSurrogate(unit) ? column : column + 1;
            }
        }

        return Like(self, text.ToString());
    }
}
