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
    private readonly HeadCrossEntropy _head;
    private readonly RouterTrace? _routers;
    private readonly List<int> _ids = [];
    private readonly List<int> _rows = [];
    private readonly List<int> _targets = [];
    private readonly List<int> _ends = [];
    private readonly List<MediaSpan> _spans = [];
    private readonly Dictionary<MediaInput, Tensor> _media = new(ReferenceEqualityComparer.Instance);
    private readonly List<MediaInput> _inputs = [];
    private readonly Func<MediaInput, Tensor> _rowsOf;
    private Tensor[] _encoded = [];
    private int[] _positions = [];

    internal PackedTokens(TrainedModel model)
    {
        _language = model.NeedLanguage();
        _multimodal = model.Multimodal;
        _batch = new SequenceBatch(_language.PositionAxes);
        _head = new HeadCrossEntropy(_language);
        _routers = _language.Balance is null ? null : new RouterTrace();
        _rowsOf = media => _media[media];
    }

    /// <summary>How many tokens are learned.</summary>
    internal int Count => _targets.Count;

    /// <summary>Behind the last learned token of each conversation, in their order.</summary>
    internal IReadOnlyList<int> Ends => _ends;

    /// <summary>The learned tokens: I32 [n].</summary>
    internal Tensor Targets() => Tensor.From<int>(CollectionsMarshal.AsSpan(_targets), [_targets.Count]);

    /// <summary>Forgets the conversations.</summary>
    internal void Clear()
    {
        _ids.Clear();
        _rows.Clear();
        _targets.Clear();
        _ends.Clear();
        _spans.Clear();
        _batch.Clear();
        _media.Clear();
    }

    /// <summary>Adds a conversation, a sequence of its own.</summary>
    internal void Add(TokenItem item)
    {
        PreparedPrompt prompt = item.Conversation.Prompt;
        int start = _ids.Count;
        for (int i = 0; i < prompt.Ids.Count; i++)
        {
            _ids.Add(prompt.Ids[i]);
        }

        for (int i = 0; i < prompt.Spans.Count; i++)
        {
            MediaSpan span = prompt.Spans[i];
            _spans.Add(span with { Start = span.Start + start });
        }

        IReadOnlyList<int> labels = item.Conversation.Labels;
        for (int i = 1; i < labels.Count; i++)
        {
            if (labels[i] != SupervisedPrompt.Ignored)
            {
                _rows.Add(start + i - 1);
                _targets.Add(labels[i]);
            }
        }

        _ends.Add(_targets.Count);
        Place(prompt);
    }

    /// <summary>The logits of the places before learned tokens: float32 [n, V].</summary>
    internal Tensor Logits() => _language.Logits(Hidden());

    /// <summary>The cross entropy of the learned tokens, each a part of the sum that is divided by the options' divisor.</summary>
    internal Tensor Loss(CrossEntropyOptions options) => _head.Loss(Hidden(), CollectionsMarshal.AsSpan(_targets), options);

    /// <summary>What the head reads at the places before learned tokens: float32 [n, hidden].</summary>
    private Tensor Hidden()
    {
        EncodeMedia();
        Tensor embeddings = EmbeddingSplicer.Embed(_language, CollectionsMarshal.AsSpan(_ids), 0, _spans, _rowsOf);
        _routers?.Clear();
        Tensor hidden = _language.Forward(embeddings, _batch, _routers);
        Tensor rows = Tensor.From<int>(CollectionsMarshal.AsSpan(_rows), [_rows.Count]);
        return Ops.IndexSelect(hidden, rows, 0);
    }

    /// <summary>
    /// The loss that spreads the tokens of the last <see cref="Logits"/> or <see cref="Loss"/> over experts, with its weight; null where the model asks for none.
    /// </summary>
    internal Tensor? BalanceLoss() => _language.Balance is { } balance && _routers!.Loss(balance) is { } loss
        ? Ops.Scale(loss, balance.Weight)
        : null;

    /// <summary>A medium that stands in several runs of placeholders is encoded once.</summary>
    private void EncodeMedia()
    {
        _inputs.Clear();
        for (int i = 0; i < _spans.Count; i++)
        {
            if (_media.TryAdd(_spans[i].Media, default))
            {
                _inputs.Add(_spans[i].Media);
            }
        }

        if (_inputs.Count == 0)
        {
            return;
        }

        IMultimodalModel model = _multimodal
            ?? throw new NotSupportedException("The model takes text alone, but a sample has media. Choose a model that takes them.");
        if (_encoded.Length < _inputs.Count)
        {
            _encoded = new Tensor[2 * _inputs.Count];
        }

        Span<Tensor> rows = _encoded.AsSpan(0, _inputs.Count);
        rows.Clear();
        model.EncodeAll(_inputs, rows);
        for (int i = 0; i < rows.Length; i++)
        {
            _media[_inputs[i]] = rows[i];
        }
    }

    private void Place(PreparedPrompt prompt)
    {
        if (prompt.Positions is not { } positions)
        {
            _batch.Add(prompt.Ids.Count);
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
}
