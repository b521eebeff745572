using System.Runtime.InteropServices;

namespace Percept.Text;

/// <summary>The pieces of one normalized text, under pre-tokenization.</summary>
internal sealed class PieceList
{
    private List<Piece> _pieces = [];
    private List<Piece> _next = [];

    /// <summary>The text that the pieces are parts of.</summary>
    internal NormalizedText Text { get; private set; } = new();

    internal int Count => _pieces.Count;

    internal ReadOnlySpan<Piece> Span => CollectionsMarshal.AsSpan(_pieces);

    /// <summary>Room for the matches of one piece.</summary>
    internal List<(int End, bool Match)> Matches { get; } = [];

    /// <summary>The steps that patterns may still take.</summary>
    internal StepBudget Budget => Text.Budget;

    internal void Reset(NormalizedText text)
    {
        Text = text;
        _pieces.Clear();
    }

    internal void Add(Piece piece) => _pieces.Add(piece);

    /// <summary>Starts a new list; <see cref="Emit"/> fills it, <see cref="EndPass"/> puts it in place.</summary>
    internal void BeginPass() => _next.Clear();

    /// <summary>Adds a piece to the new list; empty ones are left out.</summary>
    internal void Emit(int start, int length, int token = -1)
    {
        if (length > 0)
        {
            _next.Add(new Piece(start, length, token));
        }
    }

    internal void EndPass() => (_pieces, _next) = (_next, _pieces);
}
