using System.Text;
using System.Text.RegularExpressions;
using static Percept.Text.MojibakeClasses;

namespace Percept.Text;

/// <summary>Decodes text anew that was UTF-8 but was decoded as something else.</summary>
/// <remarks>Semantics of <c>ftfy.fix_encoding</c> (rspeer/python-ftfy 6.3). Bytes are handled as text of
/// Latin-1.</remarks>
internal static class EncodingFixer
{
    // Each round shortens the text, so that no real text gets near it.
    private const int MaxRounds = 64;

    private static readonly Regex s_embedded = Make(
        $"(?<![{StrictContinuation}])(?:[{FirstOfTwo}][{Continuation}]|[{FirstOfThree}][{Continuation}]{{2}}"
        + $"|[{FirstOfFour}][{Continuation}]{{3}})+");

    // UTF-8 in which a hard space (byte A0) became an ordinary one.
    private static readonly Regex s_lostSpace = Make(
        "[\u00C2\u00C3\u00C5\u00CE\u00D0\u00D9][ ]"
        + "|[\u00E2\u00E3][ ][\u0080-\u0084\u0086-\u009F\u00A1-\u00BF]"
        + "|[\u00E0-\u00E3][\u0080-\u0084\u0086-\u009F\u00A1-\u00BF][ ]"
        + "|\u00F0[ ][\u0080-\u00BF]{2}|\u00F0[\u0080-\u00BF][ ][\u0080-\u00BF]|\u00F0[\u0080-\u00BF]{2}[ ]");

    // "à" as a word of its own keeps the space behind it.
    private static readonly Regex s_graveWord = Make("\u00C3 (?! |quele|quela|quilo|s )");

    // UTF-8 in which bytes are lost (1A) or became question marks.
    private static readonly Regex s_lossy = Make(
        "[\u00C2-\u00DF]\u001A|[\u00C2-\u00C3][?]"
        + "|\u00ED[\u00A0-\u00AF][\u001A?]\u00ED[\u00B0-\u00BF][\u001A?\u0080-\u00BF]"
        + "|\u00ED[\u00A0-\u00AF][\u001A?\u0080-\u00BF]\u00ED[\u00B0-\u00BF][\u001A?]"
        + "|[\u00E0-\u00EF][\u001A?][\u001A\u0080-\u00BF]|[\u00E0-\u00EF][\u001A\u0080-\u00BF][\u001A?]"
        + "|[\u00F0-\u00F4][\u001A?][\u001A\u0080-\u00BF]{2}"
        + "|[\u00F0-\u00F4][\u001A\u0080-\u00BF][\u001A?][\u001A\u0080-\u00BF]"
        + "|[\u00F0-\u00F4][\u001A\u0080-\u00BF]{2}[\u001A?]|\u001A");

    /// <summary>Decodes a text anew as often as it looks wrong.</summary>
    internal static string Fix(string text)
    {
        for (int round = 0; round < MaxRounds; round++)
        {
            string next = Step(text);
            if (next == text)
            {
                break;
            }

            text = next;
        }

        return text;
    }

    private static Regex Make(string pattern) => new(pattern, RegexOptions.CultureInvariant);

    private static string Step(string text)
    {
        if (Ascii.IsValid(text) || !Mojibake.IsLikely(text))
        {
            return text;
        }

        foreach (SingleByteEncoding encoding in SingleByteEncoding.All)
        {
            if (encoding.Encode(text) is { } bytes && Decode(Restore(bytes, encoding)) is { } decoded)
            {
                return decoded;
            }
        }

        string embedded = s_embedded.Replace(text, match =>
            match.Length < text.Length && Mojibake.IsLikely(match.Value) ? Fix(match.Value) : match.Value);
        if (embedded != text)
        {
            return embedded;
        }

        return WithWindows1252(text);
    }

    private static string Restore(string bytes, SingleByteEncoding encoding)
    {
        if (encoding.Name != "macroman" && s_lostSpace.IsMatch(bytes))
        {
            bytes = s_graveWord.Replace(bytes, "\u00C3\u00A0 ");
            bytes = s_lostSpace.Replace(bytes, match => match.Value.Replace(' ', '\u00A0'));
        }

        return encoding.IsSloppy ? s_lossy.Replace(bytes, "\u00EF\u00BF\u00BD") : bytes;
    }

    // Control characters that no one means are what Windows has in their place.
    private static string WithWindows1252(string text) =>
        string.Create(text.Length, text, static (output, source) =>
        {
            for (int i = 0; i < output.Length; i++)
            {
                char unit = source[i];
                output[i] = unit is >= '\u0080' and <= '\u009F' ? HtmlText.FromWindows1252(unit) : unit;
            }
        });

    // UTF-8, or one of its wrong forms: surrogates as three bytes each, zero as two bytes. Null when it is neither.
    private static string? Decode(string bytes)
    {
        byte[] data = Encoding.Latin1.GetBytes(bytes);
        if (!bytes.AsSpan().ContainsAny('\u00ED', '\u00C0'))
        {
            return System.Text.Unicode.Utf8.IsValid(data) ? Encoding.UTF8.GetString(data) : null;
        }

        var output = new StringBuilder(data.Length);
        Span<char> units = stackalloc char[2];
        for (int i = 0; i < data.Length;)
        {
            ReadOnlySpan<byte> rest = data.AsSpan(i);
            if (rest.StartsWith((ReadOnlySpan<byte>)[0xC0, 0x80]))
            {
                output.Append('\0');
                i += 2;
            }
            else if (IsSurrogatePair(rest))
            {
                output.Append((char)(0xD800 | ((rest[1] & 0xF) << 6) | (rest[2] & 0x3F)));
                output.Append((char)(0xDC00 | ((rest[4] & 0xF) << 6) | (rest[5] & 0x3F)));
                i += 6;
            }
            else if (Rune.DecodeFromUtf8(rest, out Rune rune, out int used) == System.Buffers.OperationStatus.Done)
            {
                output.Append(units[..rune.EncodeToUtf16(units)]);
                i += used;
            }
            else
            {
                return null;
            }
        }

        return output.ToString();
    }

    private static bool IsSurrogatePair(ReadOnlySpan<byte> bytes) =>
        bytes.Length >= 6 && bytes[0] == 0xED && bytes[1] is >= 0xA0 and <= 0xAF && bytes[2] is >= 0x80 and <= 0xBF
        && bytes[3] == 0xED && bytes[4] is >= 0xB0 and <= 0xBF && bytes[5] is >= 0x80 and <= 0xBF;
}
