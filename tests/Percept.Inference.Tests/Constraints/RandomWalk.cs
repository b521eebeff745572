using System.Text;

namespace Percept.Inference.Tests.Constraints;

/// <summary>Draws outputs at random among what a constraint allows.</summary>
internal static class RandomWalk
{
    private const int LongWay = 60;
    private const int TooLong = 4000;

    /// <summary>Draws an output; after a while short tokens that close something are preferred, so that it ends.</summary>
    internal static string Draw(TokenConstraint constraint, int seed)
    {
        var random = new Random(seed);
        ConstraintCursor cursor = constraint.Begin();
        var bytes = new List<byte>();
        float[] logits = new float[ToyVocabulary.Bytes.Count];
        for (int step = 0; step < TooLong; step++)
        {
            Array.Clear(logits);
            cursor.Apply(logits, [ToyVocabulary.End]);
            if (cursor.IsComplete)
            {
                return Encoding.UTF8.GetString([.. bytes]);
            }

            int[] allowed = [.. Enumerable.Range(0, logits.Length).Where(id => logits[id] == 0)];
            if (allowed.Length == 0)
            {
                throw new InvalidOperationException($"Nothing is allowed behind {Encoding.UTF8.GetString([.. bytes])}");
            }

            int token = allowed[random.Next(allowed.Length)];
            if (step > LongWay)
            {
                token = Late(allowed, random);
            }

            if (token == ToyVocabulary.End)
            {
                return Encoding.UTF8.GetString([.. bytes]);
            }

            cursor.Advance(token);
            bytes.AddRange(ToyVocabulary.Bytes[token]);
        }

        throw new InvalidOperationException($"No end: {Encoding.UTF8.GetString([.. bytes])}");
    }

    private static int Late(int[] allowed, Random random)
    {
        int[] closing = [.. allowed.Where(id => id is '"' or '}' or ']' or ToyVocabulary.End)];
        int[] next = [.. allowed.Where(id => id is ',' or ':' or (>= 'a' and <= 'd'))];
        int[] plain = [.. allowed.Where(id => id is < 128 and not ('[' or '{' or ' ' or '\n' or '\t' or '\r' or '\\'))];
        int[] from = closing.Length > 0 && random.Next(3) > 0 ? closing
            : next.Length > 0 && random.Next(4) > 0 ? next
            : plain.Length > 0 ? plain
            : allowed;
        return from[random.Next(from.Length)];
    }
}
