namespace Percept.Inference.Tests.Support;

/// <summary>A model made of a function from ids to logits; keeps every row's ids and counts what it is asked for.</summary>
internal sealed class ToySession : IGenerationSession
{
    private readonly Action<List<int>, Span<float>> _model;
    private List<int>[] _rows;

    internal ToySession(int vocabularySize, int rows, Action<List<int>, Span<float>> model)
    {
        VocabularySize = vocabularySize;
        _model = model;
        _rows = [.. Enumerable.Range(0, rows).Select(_ => new List<int>(1 << 14))];
    }

    public int VocabularySize { get; }

    public int Rows => _rows.Length;

    /// <summary>How many passes there were.</summary>
    internal int Passes { get; private set; }

    /// <summary>How many tokens were fed.</summary>
    internal int Fed { get; private set; }

    internal IReadOnlyList<int> Ids(int row) => _rows[row];

    /// <summary>Logits by the last two ids: deterministic, without a pattern.</summary>
    internal static ToySession Bigrams(int vocabularySize, int rows, ulong seed = 1) => new(vocabularySize, rows, (ids, logits) =>
    {
        ulong state = seed * 0x9E3779B97F4A7C15UL;
        for (int i = Math.Max(0, ids.Count - 2); i < ids.Count; i++)
        {
            state = (state ^ (ulong)(ids[i] + 1)) * 0xBF58476D1CE4E5B9UL;
        }

        for (int token = 0; token < logits.Length; token++)
        {
            ulong mixed = (state + (ulong)token) * 0x94D049BB133111EBUL;
            mixed ^= mixed >> 31;
            logits[token] = (float)((mixed * 0xD6E8FEB86659FD93UL >> 40) / (double)(1 << 24) * 6);
        }
    });

    /// <summary>Follows a text: after each id of it, the next one is the most likely; else id 0.</summary>
    internal static ToySession Script(int vocabularySize, params int[][] scripts) =>
        new(vocabularySize, scripts.Length, (ids, logits) =>
        {
            logits.Fill(0);
            int[] script = scripts.FirstOrDefault(s => s.AsSpan().StartsWith([.. ids])) ?? [];
            logits[ids.Count < script.Length ? script[ids.Count] : 0] = 10;
        });

    public int Length(int row) => _rows[row].Count;

    public void Truncate(int row, int length) => _rows[row].RemoveRange(length, _rows[row].Count - length);

    public void Step(ReadOnlySpan<int> rowOfToken, ReadOnlySpan<int> tokens, Span<float> logits)
    {
        Passes++;
        Fed += tokens.Length;
        for (int i = 0; i < tokens.Length; i++)
        {
            int row = rowOfToken[i];
            _rows[row].Add(tokens[i]);
            if (i + 1 == tokens.Length || rowOfToken[i + 1] != row)
            {
                _model(_rows[row], logits.Slice(row * VocabularySize, VocabularySize));
            }
        }
    }

    public void StepAll(int row, ReadOnlySpan<int> tokens, Span<float> logits)
    {
        Passes++;
        Fed += tokens.Length;
        for (int i = 0; i < tokens.Length; i++)
        {
            _rows[row].Add(tokens[i]);
            _model(_rows[row], logits.Slice(i * VocabularySize, VocabularySize));
        }
    }

    public void Reorder(ReadOnlySpan<int> sources)
    {
        var next = new List<int>[sources.Length];
        for (int i = 0; i < next.Length; i++)
        {
            next[i] = [.. _rows[sources[i]]];
        }

        _rows = next;
    }

    public void Dispose()
    {
    }
}
