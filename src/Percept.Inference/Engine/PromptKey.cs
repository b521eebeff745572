using Percept.Models;

namespace Percept.Inference;

/// <summary>
/// What a cache holds, place by place: token ids, for media the hash of their whole content, and where each stands.
/// </summary>
internal sealed class PromptKey
{
    private readonly List<int> _ids = [];
    private readonly List<MediaSpan> _spans = [];
    private readonly int[]? _positions;
    private readonly int _promptLength;
    private readonly int _axes;

    private readonly string _adapter;

    /// <summary>Makes the key of a prompt.</summary>
    /// <param name="prompt">The prompt.</param>
    /// <param name="adapter">The name of the adapter whose keys and values the cache holds; empty for none.</param>
    internal PromptKey(PreparedPrompt prompt, string adapter)
    {
        _adapter = adapter;
        _ids.AddRange(prompt.Ids);
        _spans.AddRange(prompt.Spans);
        _promptLength = prompt.Ids.Count;
        _positions = prompt.Positions is { } positions ? [.. positions] : null;
        _axes = _positions is null ? 1 : _positions.Length / Math.Max(1, _promptLength);
        NextPosition = _positions is { Length: > 0 } known ? known.Max() + 1 : _promptLength;
    }

    /// <summary>The position behind the prompt's largest: that of the first generated token.</summary>
    internal int NextPosition { get; }

    /// <summary>The <see cref="ILanguageModel.LengthKind"/> of the prompt.</summary>
    internal int LengthKind { get; set; }

    /// <summary>Adds generated tokens.</summary>
    internal void Add(ReadOnlySpan<int> tokens)
    {
        foreach (int token in tokens)
        {
            _ids.Add(token);
        }
    }

    /// <summary>How many first places hold the same as a prompt's.</summary>
    /// <param name="prompt">What the prompt is known by.</param>
    /// <param name="most">Where to stop.</param>
    internal int CommonLength(PromptKey prompt, int most)
    {
        int length = 0, limit = _adapter == prompt._adapter ? Math.Min(Math.Min(_ids.Count, prompt._ids.Count), most) : 0;
        bool placed = _positions is not null || prompt._positions is not null;
        while (length < limit && _ids[length] == prompt._ids[length] && (!placed || StandsAlike(prompt, length)))
        {
            length++;
        }

        return CutAtMedia(_spans, prompt._spans, CutAtMedia(prompt._spans, _spans, length));
    }

    /// <summary>The length before the first medium that stands among some spans and not among others.</summary>
    private static int CutAtMedia(List<MediaSpan> spans, List<MediaSpan> others, int length)
    {
        foreach (MediaSpan span in spans)
        {
            if (span.Start < length && !others.Exists(other => Same(other, span)))
            {
                length = span.Start;
            }
        }

        return length;
    }

    private static bool Same(MediaSpan a, MediaSpan b) =>
        a.Start == b.Start && a.Count == b.Count && a.Offset == b.Offset && a.Media.Hash.Length > 0 && a.Media.Hash == b.Media.Hash;

    private bool StandsAlike(PromptKey other, int place)
    {
        for (int axis = 0; axis < Math.Max(_axes, other._axes); axis++)
        {
            if (PositionOf(axis, place) != other.PositionOf(axis, place))
            {
                return false;
            }
        }

        return true;
    }

    private int PositionOf(int axis, int place) => place >= _promptLength ? NextPosition + place - _promptLength
        : _positions is null ? place
        : _positions[(axis * _promptLength) + place];
}
