using System.Runtime.InteropServices;
using Percept.Models;
using Percept.Tensors;

namespace Percept.Training;

/// <summary>
/// Runs conversations through a model as one packed batch, and computes logits only where a token is learned: the head of a large
/// vocabulary costs more than layers.
/// </summary>
/// <remarks>Its lists are used again in each batch; for one thread.</remarks>
internal sealed class PackedTokens
{
    private readonly ILanguageModel _language;
    private readonly IMultimodalModel? _multimodal;
    private readonly SequenceBatch _batch;
    private readonly List<int> _ids = [];
    private readonly List<int> _rows = [];
    private readonly List<int> _targets = [];
    private readonly List<int> _ends = [];
    private readonly List<MediaSpan> _spans = [];
    private readonly Dictionary<MediaInput, Tensor> _media = new(ReferenceEqualityComparer.Instance);
    private readonly Func<MediaInput, Tensor> _rowsOf;
    private int[] _positions = [];

    internal PackedTokens(ILanguageModel language, IMultimodalModel? multimodal)
    {
        _language = language;
        _multimodal = multimodal;
        _batch = new SequenceBatch(language.PositionAxes);
        _rowsOf = RowsOf;
    }

    /// <summary>How many tokens are learned.</summary>
    internal int Count => _targets.Count;

    /// <summary>Behind the last learned token of each conversation, in their order.</summary>
    internal IReadOnlyList<int> Ends => _ends;

    /// <summary>The learned tokens: I32 [n].</summary>
    internal Tensor Targets() => Tensor.From<int>(CollectionsMarshal.AsSpan(_targets), [_targets.Count]);

    /// <summary>Takes conversations, each a sequence of its own.</summary>
    internal void Fill(IReadOnlyList<TokenItem> items)
    {
        _ids.Clear();
        _rows.Clear();
        _targets.Clear();
        _ends.Clear();
        _spans.Clear();
        _batch.Clear();
        for (int i = 0; i < items.Count; i++)
        {
            Add(items[i]);
        }
    }

    /// <summary>The logits of the places before learned tokens: float32 [n, V].</summary>
    internal Tensor Logits()
    {
        try
        {
            Tensor embeddings = EmbeddingSplicer.Embed(_language, CollectionsMarshal.AsSpan(_ids), 0, _spans, _rowsOf);
            Tensor hidden = _language.Forward(embeddings, _batch);
            Tensor rows = Tensor.From<int>(CollectionsMarshal.AsSpan(_rows), [_rows.Count]);
            return _language.Logits(Ops.IndexSelect(hidden, rows, 0));
        }
        finally
        {
            _media.Clear();
        }
    }

    private void Add(TokenItem item)
    {
        int start = _ids.Count;
        IReadOnlyList<int> ids = item.Prompt.Ids;
        for (int i = 0; i < ids.Count; i++)
        {
            _ids.Add(ids[i]);
        }

        for (int i = 0; i < item.Prompt.Spans.Count; i++)
        {
            MediaSpan span = item.Prompt.Spans[i];
            _spans.Add(span with { Start = span.Start + start });
        }

        ReadOnlySpan<int> labels = item.Labels;
        for (int i = 1; i < labels.Length; i++)
        {
            if (labels[i] != TokenItem.Ignored)
            {
                _rows.Add(start + i - 1);
                _targets.Add(labels[i]);
            }
        }

        _ends.Add(_targets.Count);
        if (item.Prompt.Positions is not { } positions)
        {
            _batch.Add(ids.Count);
            return;
        }

        if (_positions.Length < positions.Count)
        {
            _positions = new int[positions.Count];
        }

        for (int i = 0; i < positions.Count; i++)
        {
            _positions[i] = positions[i];
        }

        _batch.Add(_positions.AsSpan(0, positions.Count));
    }

    /// <summary>A medium that stands in several runs of placeholders is encoded once.</summary>
    private Tensor RowsOf(MediaInput media)
    {
        if (!_media.TryGetValue(media, out Tensor rows))
        {
            rows = (_multimodal ?? throw new NotSupportedException("The model takes text alone, but a sample has media.")).Encode(media);
            _media.Add(media, rows);
        }

        return rows;
    }
}
