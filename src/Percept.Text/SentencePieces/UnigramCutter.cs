using System.Buffers;

namespace Percept.Text;

/// <summary>Cuts text into the pieces whose log probabilities have the highest sum, as SentencePiece does.</summary>
/// <remarks>
/// Viterbi over byte positions, in single precision throughout as in the reference (<c>unigram_model.cc</c>): ties and
/// near ties fall the same way. Of equal sums the one with the longer last piece stays.
/// </remarks>
internal static class UnigramCutter
{
    private const float UnknownPenalty = 10;

    internal static void Cut(PieceTable table, ReadOnlySpan<byte> text, ref Cuts output)
    {
        Step[] rented = ArrayPool<Step>.Shared.Rent(text.Length + 1);
        Span<Step> best = rented.AsSpan(0, text.Length + 1);
        best.Fill(new Step(0, -1, -1));
        float unknownScore = table.MinScore - UnknownPenalty;
        int start = 0;
        while (start < text.Length)
        {
            int length = Math.Min(Utf8.SequenceLength(text[start]), text.Length - start);
            if (!Pieces(table, text, start, length, best))
            {
                float sum = unknownScore + best[start].Score;
                if (best[start + length].Start < 0 || sum > best[start + length].Score)
                {
                    best[start + length] = new Step(sum, start, table.UnknownId);
                }
            }

            start += length;
        }

        for (int end = text.Length; end > 0; end = best[end].Start)
        {
            output.Add(new Cut(best[end].Start, end - best[end].Start, best[end].Id));
        }

        output.Items.Reverse();
        ArrayPool<Step>.Shared.Return(rented);
    }

    // All pieces that begin here; true when the first character alone is one.
    private static bool Pieces(PieceTable table, ReadOnlySpan<byte> text, int start, int length, Span<Step> best)
    {
        bool single = false;
        float here = best[start].Score;
        ByteTrie trie = table.Texts;
        int node = ByteTrie.Root;
        for (int end = start; end < text.Length;)
        {
            node = trie.Step(node, text[end++]);
            if (node < 0)
            {
                break;
            }

            int id = trie.Value(node);
            if (id < 0 || table.Types[id] == SentencePieceType.Unused)
            {
                continue;
            }

            // A symbol of the user's always wins over what can be put together from other pieces.
            float score = table.Types[id] == SentencePieceType.UserDefined
                ? (float)(((end - start) * table.MaxScore) - 0.1)
                : table.Scores[id];
            float sum = score + here;
            if (best[end].Start < 0 || sum > best[end].Score)
            {
                best[end] = new Step(sum, start, id);
            }

            single |= end - start == length;
        }

        return single;
    }

    private readonly record struct Step(float Score, int Start, int Id);
}
