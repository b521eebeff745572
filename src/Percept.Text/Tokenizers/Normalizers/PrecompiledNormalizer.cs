using System.Globalization;
using System.Text;

namespace Percept.Text;

/// <summary>Replaces characters by the compiled rules of SentencePiece (<c>Precompiled</c>).</summary>
/// <remarks>
/// As the reference does: a grapheme cluster of less than six bytes is looked up as a whole first; the shortest rule that
/// it begins with then stands for all of it. Else its code points are looked up one by one.
/// </remarks>
/// <param name="rules">The rules.</param>
public sealed class PrecompiledNormalizer(Charsmap rules) : Normalizer
{
    private const int LongestCluster = 5;

    internal override void Apply(NormalizedText text)
    {
        ReadOnlySpan<char> source = text.Chars;
        var written = new List<(int CodePoint, int Change)>(source.Length);
        Span<byte> bytes = stackalloc byte[3 * (LongestCluster + 1)];
        bool changed = false;
        for (int i = 0; i < source.Length;)
        {
            int length = StringInfo.GetNextTextElementLength(source[i..]);
            ReadOnlySpan<char> cluster = source.Slice(i, length);
            i += length;
            if (length <= LongestCluster)
            {
                int count = Encoding.UTF8.GetBytes(cluster, bytes);
                if (count <= LongestCluster && rules.TryShortest(bytes[..count], out _, out ReadOnlySpan<byte> rule))
                {
                    Replace(written, cluster, rule);
                    changed = true;
                    continue;
                }
            }

            for (int k = 0; k < cluster.Length;)
            {
                int codePoint = CodePoints.At(cluster, k, out int units);
                int count = new Rune(codePoint).EncodeToUtf8(bytes);
                if (rules.TryShortest(bytes[..count], out _, out ReadOnlySpan<byte> rule))
                {
                    Replace(written, cluster.Slice(k, units), rule);
                    changed = true;
                }
                else
                {
                    written.Add((codePoint, 0));
                }

                k += units;
            }
        }

        if (changed)
        {
            text.Begin();
            foreach ((int codePoint, int change) in written)
            {
                text.Write(codePoint, change);
            }

            text.Commit();
        }
    }

    // What a rule has more than its source is inserted; what it has less goes with its last character.
    private static void Replace(List<(int CodePoint, int Change)> written, ReadOnlySpan<char> old, ReadOnlySpan<byte> rule)
    {
        int oldCount = 0;
        for (int i = 0; i < old.Length; oldCount++)
        {
            CodePoints.At(old, i, out int units);
            i += units;
        }

        int start = written.Count;
        while (!rule.IsEmpty)
        {
            Rune.DecodeFromUtf8(rule, out Rune rune, out int consumed);
            written.Add((rune.Value, 0));
            rule = rule[consumed..];
        }

        int more = written.Count - start - oldCount;
        for (int i = Math.Max(0, written.Count - Math.Max(0, more)); i < written.Count; i++)
        {
            written[i] = (written[i].CodePoint, 1);
        }

        if (more < 0 && written.Count > 0)
        {
            written[^1] = (written[^1].CodePoint, written[^1].Change + more);
        }
    }
}
