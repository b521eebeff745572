namespace Percept.Text;

/// <summary>What Unicode normalization needs to know of each code point. Independent of the operating system.</summary>
internal static class NormalizationData
{
    private const int FirstUnstable = 0xA0;
    private const int HangulFirst = 0xAC00;
    private const int HangulCount = 11172;
    private const int LeadFirst = 0x1100;
    private const int VowelFirst = 0x1161;
    private const int TailFirst = 0x11A7;
    private const int LeadCount = 19;
    private const int VowelCount = 21;
    private const int TailCount = 28;

    private static readonly Dictionary<int, int[]> s_canonical = [];
    private static readonly Dictionary<int, int[]> s_compatible = [];
    private static readonly Dictionary<long, int> s_composed = [];
    private static readonly Dictionary<int, byte> s_wideClasses = [];
    private static readonly byte[] s_classes = new byte[char.MaxValue + 1];

    // Bit 0: changes under NFC (or may), bit 1: NFD, bit 2: NFKC, bit 3: NFKD.
    private static readonly byte[] s_changes = new byte[char.MaxValue + 1];

    static NormalizationData()
    {
        var reader = new BlobReader(UnicodeBlobs.Normalization);
        var raw = ReadDecompositions(reader, out HashSet<int> compatible);
        ReadClasses(reader);
        HashSet<int> excluded = ReadExclusions(reader);
        foreach ((int codePoint, int[] parts) in raw)
        {
            bool canonical = !compatible.Contains(codePoint);
            if (canonical)
            {
                s_canonical[codePoint] = Expand(codePoint, raw, compatible);
                if (parts.Length == 2 && !excluded.Contains(codePoint))
                {
                    s_composed[Pair(parts[0], parts[1])] = codePoint;
                }
            }

            s_compatible[codePoint] = Expand(codePoint, raw, null);
        }

        MarkChanges();
    }

    /// <summary>The combining class.</summary>
    internal static byte ClassOf(int codePoint) =>
        codePoint <= char.MaxValue ? s_classes[codePoint] : s_wideClasses.GetValueOrDefault(codePoint);

    /// <summary>The number of units at the beginning of a text that certainly stay as they are under a form.</summary>
    internal static int StableLength(ReadOnlySpan<char> text, UnicodeForm form)
    {
        int bit = 1 << (int)form;
        byte[] changes = s_changes;
        for (int at = 0; at < text.Length; at++)
        {
            at = UnitSearch.NextFrom(text, at, (char)FirstUnstable);
            if (at == text.Length)
            {
                break;
            }

            if ((changes[text[at]] & bit) != 0)
            {
                return at;
            }
        }

        return text.Length;
    }

    /// <summary>The full decomposition of a code point; empty when it has none.</summary>
    /// <param name="codePoint">The code point.</param>
    /// <param name="compatible">Whether compatibility counts.</param>
    /// <param name="room">Room for three code points.</param>
    internal static ReadOnlySpan<int> Decompose(int codePoint, bool compatible, Span<int> room)
    {
        if (codePoint < FirstUnstable)
        {
            return default;
        }

        int index = codePoint - HangulFirst;
        if ((uint)index < HangulCount)
        {
            room[0] = LeadFirst + (index / (VowelCount * TailCount));
            room[1] = VowelFirst + (index / TailCount % VowelCount);
            room[2] = TailFirst + (index % TailCount);
            return room[..(index % TailCount == 0 ? 2 : 3)];
        }

        return (compatible ? s_compatible : s_canonical).TryGetValue(codePoint, out int[]? parts) ? parts : default;
    }

    /// <summary>The code point that two together are; −1 for none.</summary>
    internal static int Compose(int first, int second)
    {
        int lead = first - LeadFirst;
        int vowel = second - VowelFirst;
        if ((uint)lead < LeadCount && (uint)vowel < VowelCount)
        {
            return HangulFirst + (((lead * VowelCount) + vowel) * TailCount);
        }

        int syllable = first - HangulFirst;
        int tail = second - TailFirst;
        if ((uint)syllable < HangulCount && syllable % TailCount == 0 && tail is > 0 and < TailCount)
        {
            return first + tail;
        }

        return s_composed.GetValueOrDefault(Pair(first, second), -1);
    }

    private static long Pair(int first, int second) => ((long)first << 32) | (uint)second;

    // Layout: the number; for each the distance from the one before, twice the length plus one for compatibility, the parts.
    private static Dictionary<int, int[]> ReadDecompositions(BlobReader reader, out HashSet<int> compatible)
    {
        var raw = new Dictionary<int, int[]>();
        compatible = [];
        int codePoint = 0;
        for (int count = reader.Next(); count > 0; count--)
        {
            codePoint += reader.Next();
            int kind = reader.Next();
            var parts = new int[kind / 2];
            for (int i = 0; i < parts.Length; i++)
            {
                parts[i] = reader.Next();
            }

            raw[codePoint] = parts;
            if (kind % 2 != 0)
            {
                compatible.Add(codePoint);
            }
        }

        return raw;
    }

    // Layout: the number of runs; for each the distance from the end of the one before, its length, the class.
    private static void ReadClasses(BlobReader reader)
    {
        int codePoint = 0;
        for (int runs = reader.Next(); runs > 0; runs--)
        {
            codePoint += reader.Next();
            int length = reader.Next();
            byte value = reader.NextByte();
            for (int i = 0; i < length; i++, codePoint++)
            {
                if (codePoint <= char.MaxValue)
                {
                    s_classes[codePoint] = value;
                }
                else
                {
                    s_wideClasses[codePoint] = value;
                }
            }
        }
    }

    private static HashSet<int> ReadExclusions(BlobReader reader)
    {
        var excluded = new HashSet<int>();
        int codePoint = 0;
        for (int count = reader.Next(); count > 0; count--)
        {
            codePoint += reader.Next();
            excluded.Add(codePoint);
        }

        return excluded;
    }

    private static int[] Expand(int codePoint, Dictionary<int, int[]> raw, HashSet<int>? stop)
    {
        if (!raw.TryGetValue(codePoint, out int[]? parts) || stop?.Contains(codePoint) == true)
        {
            return [codePoint];
        }

        return [.. parts.SelectMany(part => Expand(part, raw, stop))];
    }

    private static void MarkChanges()
    {
        const int All = 15;
        for (int i = 0; i < s_changes.Length; i++)
        {
            // Surrogates lead out of the table: such texts are always looked at in full.
            s_changes[i] = s_classes[i] != 0 || char.IsSurrogate((char)i) ? (byte)All : (byte)0;
            if (i is >= HangulFirst and < HangulFirst + HangulCount)
            {
                s_changes[i] |= 1 << (int)UnicodeForm.Nfd | 1 << (int)UnicodeForm.Nfkd;
            }
            else if (i is >= LeadFirst and < LeadFirst + 256)
            {
                // Conjoining jamo may be composed.
                s_changes[i] |= 1 << (int)UnicodeForm.Nfc | 1 << (int)UnicodeForm.Nfkc;
            }
        }

        var composed = new HashSet<int>(s_composed.Values);
        foreach ((int codePoint, int[] parts) in s_compatible)
        {
            if (codePoint > char.MaxValue)
            {
                continue;
            }

            bool canonical = s_canonical.ContainsKey(codePoint);
            int bits = 1 << (int)UnicodeForm.Nfkd;
            bits |= canonical ? 1 << (int)UnicodeForm.Nfd : 1 << (int)UnicodeForm.Nfkc;
            if (canonical && !composed.Contains(codePoint))
            {
                // Taken apart and never put together again.
                bits = All;
            }

            // A compatible part may change a character that is composed canonically.
            if (canonical && !s_canonical[codePoint].AsSpan().SequenceEqual(parts))
            {
                bits |= 1 << (int)UnicodeForm.Nfkc;
            }

            s_changes[codePoint] |= (byte)bits;
        }

        foreach (long pair in s_composed.Keys)
        {
            // What may be composed with a character before it.
            if ((uint)pair <= char.MaxValue)
            {
                s_changes[(uint)pair] |= 1 << (int)UnicodeForm.Nfc | 1 << (int)UnicodeForm.Nfkc;
            }
        }
    }
}

/// <summary>The forms of Unicode normalization.</summary>
internal enum UnicodeForm
{
    /// <summary>Composed.</summary>
    Nfc,

    /// <summary>Decomposed.</summary>
    Nfd,

    /// <summary>Composed, after compatibility characters are replaced.</summary>
    Nfkc,

    /// <summary>Decomposed, with compatibility characters replaced.</summary>
    Nfkd,
}
