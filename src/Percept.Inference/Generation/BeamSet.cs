namespace Percept.Inference;

/// <summary>Some beams with their ids, scores and states.</summary>
internal sealed class BeamSet
{
    private readonly int[][] _ids;

    internal BeamSet(int beams, int maxLength)
    {
        _ids = new int[beams][];
        for (int i = 0; i < beams; i++)
        {
            _ids[i] = new int[maxLength];
        }

        Scores = new float[beams];
        Lengths = new int[beams];
        StopStates = new int[beams];
        Ends = new FinishReason?[beams];
    }

    internal float[] Scores { get; }

    /// <summary>The number of ids of each beam, prompt included.</summary>
    internal int[] Lengths { get; }

    internal int[] StopStates { get; }

    /// <summary>Why a beam ended; null while it goes on.</summary>
    internal FinishReason?[] Ends { get; }

    internal bool AllEnded => !Ends.AsSpan().Contains(null);

    internal float Worst
    {
        get
        {
            float worst = Scores[0];
            foreach (float score in Scores)
            {
                worst = Math.Min(worst, score);
            }

            return worst;
        }
    }

    internal ReadOnlySpan<int> Ids(int beam, int length) => _ids[beam].AsSpan(0, length);

    internal void Set(int beam, ReadOnlySpan<int> ids, float score, int stopState, FinishReason? end)
    {
        ids.CopyTo(_ids[beam]);
        Lengths[beam] = ids.Length;
        Scores[beam] = score;
        StopStates[beam] = stopState;
        Ends[beam] = end;
    }

    /// <summary>Makes a beam of another set's beam and one more token.</summary>
    internal void Take(int beam, BeamSet source, int sourceBeam, int length, int token)
    {
        source.Ids(sourceBeam, length).CopyTo(_ids[beam]);
        _ids[beam][length] = token;
        Lengths[beam] = length + 1;
    }

    /// <summary>Copies a beam of another set.</summary>
    internal void Copy(int beam, BeamSet source, int sourceBeam)
    {
        int length = source.Lengths[sourceBeam];
        Set(
            beam, source.Ids(sourceBeam, length), source.Scores[sourceBeam], source.StopStates[sourceBeam],
            source.Ends[sourceBeam]);
    }
}
