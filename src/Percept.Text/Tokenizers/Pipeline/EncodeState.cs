namespace Percept.Text;

/// <summary>What one call of a tokenizer works with; kept for the next call.</summary>
internal sealed class EncodeState
{
    private const int KeptUnits = 1 << 20;

    /// <summary>The section of text being normalized.</summary>
    internal NormalizedText Section { get; } = new();

    /// <summary>The pieces of the section.</summary>
    internal PieceList Pieces { get; } = new();

    internal TokenSink Sink { get; } = new();

    internal MergeBuffer Merges { get; } = new();

    /// <summary>The tokens of pieces as the model sees them.</summary>
    internal WordCache Words { get; } = new();

    /// <summary>The tokens of words as they stand in the text.</summary>
    internal WordCache RawWords { get; } = new();

    internal void Trim()
    {
        Section.Trim(KeptUnits);
        Merges.Trim(KeptUnits);
        Sink.Ids.Clear();
        if (Sink.Ids.Capacity > KeptUnits)
        {
            Sink.Ids.Capacity = 0;
            Sink.Ranges.Clear();
            Sink.Ranges.Capacity = 0;
        }
    }
}
