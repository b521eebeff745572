using System.Globalization;
using System.Text;

namespace Percept.Text.Templates;

/// <summary>Python's <c>strftime</c> in the C locale, for a local time without zone.</summary>
internal static class Strftime
{
    internal static string Format(RenderContext c, string format, DateTime time)
    {
        var text = new StringBuilder(format.Length + 16);
        for (int i = 0; i < format.Length; i++)
        {
            if (format[i] != '%' || i + 1 == format.Length)
            {
                text.Append(format[i]);
                continue;
            }

            char code = format[++i];
            bool bare = code is '-' && i + 1 < format.Length;
            string part = Part(bare ? format[++i] : code, time) ?? (bare ? "%-" + format[i] : "%" + code);
            if (bare)
            {
                // The dash of the GNU library leaves out leading zeros.
                string trimmed = part.TrimStart('0', ' ');
                part = trimmed.Length == 0 || !char.IsAsciiDigit(trimmed[0]) ? part[^Math.Min(1, part.Length)..] : trimmed;
            }

            text.Append(part);
            c.CheckText(text.Length);
        }

        return text.ToString();
    }

    private static string? Part(char code, DateTime time)
    {
        CultureInfo culture = CultureInfo.InvariantCulture;
        string Custom(string custom) => time.ToString(custom, culture);
        string Two(int number) => number.ToString("00", culture);
        int weekday = (int)time.DayOfWeek;
        int day = time.DayOfYear - 1;
        return code switch
        {
            'a' => Custom("ddd"),
            'A' => Custom("dddd"),
            'b' or 'h' => Custom("MMM"),
            'B' => Custom("MMMM"),
            'c' => Custom("ddd MMM ") + Spaced(time.Day) + Custom(" HH:mm:ss yyyy"),
            'C' => Two(time.Year / 100),
            'd' => Two(time.Day),
            'D' or 'x' => Custom("MM'/'dd'/'yy"),
            'e' => Spaced(time.Day),
            'f' => Custom("ffffff"),
            'F' => Custom("yyyy-MM-dd"),
            'g' => Two(ISOWeek.GetYear(time) % 100),
            'G' => ISOWeek.GetYear(time).ToString("0000", culture),
            'H' => Two(time.Hour),
            'I' => Two(Hour12(time)),
            'j' => time.DayOfYear.ToString("000", culture),
            'k' => Spaced(time.Hour),
            'l' => Spaced(Hour12(time)),
            'm' => Two(time.Month),
            'M' => Two(time.Minute),
            'n' => "\n",
            'p' => time.Hour < 12 ? "AM" : "PM",
            'P' => time.Hour < 12 ? "am" : "pm",
            'r' => Two(Hour12(time)) + Custom(":mm:ss ") + (time.Hour < 12 ? "AM" : "PM"),
            'R' => Custom("HH':'mm"),
            's' => ((long)(time - DateTime.UnixEpoch).TotalSeconds).ToString(culture),
            'S' => Two(time.Second),
            't' => "\t",
            'T' or 'X' => Custom("HH':'mm':'ss"),
            'u' => (weekday == 0 ? 7 : weekday).ToString(culture),
            'U' => Two((day + 7 - weekday) / 7),
            'V' => Two(ISOWeek.GetWeekOfYear(time)),
            'w' => weekday.ToString(culture),
            'W' => Two((day + 7 - ((weekday + 6) % 7)) / 7),
            'y' => Two(time.Year % 100),
            'Y' => time.Year.ToString(culture),
            'z' or 'Z' => "",
            '%' => "%",
            _ => null,
        };
    }

    private static int Hour12(DateTime time) => time.Hour % 12 == 0 ? 12 : time.Hour % 12;

    private static string Spaced(int number) => number.ToString(CultureInfo.InvariantCulture).PadLeft(2);
}
