namespace Percept.Text;

/// <summary>What one call of a tokenizer works with; kept for the next call.</summary>
internal sealed class EncodeState
{
    private const int KeptUnits = 1 << 20;

    private char[] _room = [];

    internal EncodeState() => Section = new NormalizedText(Budget);

    /// <summary>The steps that patterns may still take on the text of this call.</summary>
    internal StepBudget Budget { get; } = new();

    /// <summary>The section of text being normalized.</summary>
    internal NormalizedText Section { get; }

    /// <summary>The pieces of the section.</summary>
    internal PieceList Pieces { get; } = new();

    internal TokenSink Sink { get; } = new();

    internal MergeBuffer Merges { get; } = new();

    /// <summary>The tokens of pieces as the model sees them.</summary>
    internal WordCache Words { get; } = new();

    /// <summary>The tokens of words as they stand in the text.</summary>
    internal WordCache RawWords { get; } = new();

    /// <summary>Room for a text; what was there before is gone.</summary>
    internal Span<char> Room(int length)
    {
        if (_room.Length < length)
        {
            _room = GC.AllocateUninitializedArray<char>(length);
        }

        return _room.AsSpan(0, length);
    }

    internal void Trim()
    {
        if (_room.Length > KeptUnits)
        {
            _room = [];
        }

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
