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
    private readonly AdapterSet? _adapters;
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
        _adapters = model.Adapters;
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
        int start = Begin(prompt, prompt.Ids.Count);
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
        Place(prompt, prompt.Ids.Count, 0, item.Conversation.Apart);
    }

    /// <summary>Adds the beginning of a prompt and an answer to it, all of whose tokens are learned; a sequence of its own.</summary>
    /// <param name="prompt">The prompt.</param>
    /// <param name="length">How many of its ids stand before the answer, at least 1.</param>
    /// <param name="answer">The ids of the answer.</param>
    internal void Add(PreparedPrompt prompt, int length, IReadOnlyList<int> answer)
    {
        Begin(prompt, length);
        for (int i = 0; i < answer.Count; i++)
        {
            _rows.Add(_ids.Count - 1);
            _targets.Add(answer[i]);
            _ids.Add(answer[i]);
        }

        _ends.Add(_targets.Count);
        Place(prompt, length, answer.Count);
    }

    /// <summary>Adds pairs: all better ends, then all worse ones.</summary>
    internal void AddPairs(IReadOnlyList<TrainingItem> items)
    {
        for (int i = 0; i < items.Count; i++)
        {
            Add(((PreferenceItem)items[i]).Chosen);
        }

        for (int i = 0; i < items.Count; i++)
        {
            Add(((PreferenceItem)items[i]).Rejected);
        }
    }

    /// <summary>The logits of the places before learned tokens: float32 [n, V].</summary>
    internal Tensor Logits() => Logits(Hidden());

    /// <summary>The cross entropy of the learned tokens, each a part of the sum that is divided by the options' divisor.</summary>
    internal Tensor Loss(CrossEntropyOptions options) => _head.Loss(Hidden(), CollectionsMarshal.AsSpan(_targets), options);

    /// <summary>Minus the log-probability of each learned token: float32 [n].</summary>
    internal Tensor TokenLosses() => Ops.CrossEntropy(Logits(), Targets(), new CrossEntropyOptions { Reduction = Reduction.None });

    /// <summary>The log-probabilities of conversations' learned tokens together: float32 [count].</summary>
    /// <param name="tokenLosses">Those of <see cref="TokenLosses"/>.</param>
    /// <param name="first">The first conversation.</param>
    /// <param name="count">How many.</param>
    internal Tensor Sums(Tensor tokenLosses, int first, int count)
    {
        var sums = new Tensor[count];
        for (int i = 0; i < count; i++)
        {
            int start = first + i == 0 ? 0 : _ends[first + i - 1];
            Tensor own = Ops.Narrow(tokenLosses, 0, start, _ends[first + i] - start);
            sums[i] = Ops.Reshape(Ops.Negate(Ops.Sum(own)), [1]);
        }

        return count == 1 ? sums[0] : Ops.Concat(sums, 0);
    }

    /// <summary>The logits of states: float32 [n, D] → [n, V].</summary>
    internal Tensor Logits(Tensor hidden) => _language.Logits(hidden);

    /// <summary>The last states of the places before learned tokens: float32 [n, D].</summary>
    internal Tensor Hidden()
    {
        Tensor embeddings = Embeddings();
        _routers?.Clear();
        if (_adapters?.Active?.Prompt is { } prompt)
        {
            var placed = SoftPromptRows.Behind(prompt, embeddings, _batch);
            int[] places = [.. _rows.Select(row => placed.Places[row])];
            return Ops.IndexSelect(
                _language.Forward(placed.Embeddings, placed.Batch, _routers), Tensor.From(places, [places.Length]), 0);
        }

        Tensor hidden = _language.Forward(embeddings, _batch, _routers);
        Tensor rows = Tensor.From<int>(CollectionsMarshal.AsSpan(_rows), [_rows.Count]);
        return Ops.IndexSelect(hidden, rows, 0);
    }

    /// <summary>What a classifier of one class says of each conversation: float32 [conversations].</summary>
    internal Tensor Scores(ISequenceClassifier classifier) => Ops.Reshape(
        classifier.Classify(new TextInput { Embeddings = Embeddings() }, _batch, _routers), [_batch.Count]);

    private Tensor Embeddings()
    {
        EncodeMedia();
        return EmbeddingSplicer.Embed(_language, CollectionsMarshal.AsSpan(_ids), 0, _spans, _rowsOf);
    }

    /// <summary>
    /// The loss that spreads the tokens of the last <see cref="Logits()"/> over experts, with its weight; null where the model asks for none.
    /// </summary>
    internal Tensor? BalanceLoss() => _language.Balance is { } balance && _routers!.Loss(balance) is { } loss
        ? Ops.Scale(loss, balance.Weight)
        : null;

    private void Separate(ApartTurns apart, int axes, int rows)
    {
        if (_multimodal is { MediaSeeAhead: true })
        {
            throw new NotSupportedException(
                "The rows of a medium see those behind them in this model, which questions that stand apart cannot follow. " +
                "Set turns: together for the dataset.");
        }

        for (int axis = 0; axis < axes; axis++)
        {
            apart.Move(_positions.AsSpan(axis * rows, rows));
        }

        _batch.Add(_positions.AsSpan(0, axes * rows));
        Tensor mask = Ops.Empty([1, 1, rows, rows], DType.Bool);
        apart.FillMask(mask.Writable<byte>(), rows);
        _batch.SetMask(_batch.Count - 1, mask);
    }

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

    /// <summary>Adds the ids of the beginning of a prompt and the media in it; tells where it begins.</summary>
    private int Begin(PreparedPrompt prompt, int length)
    {
        int start = _ids.Count;
        for (int i = 0; i < length; i++)
        {
            _ids.Add(prompt.Ids[i]);
        }

        for (int i = 0; i < prompt.Spans.Count; i++)
        {
            MediaSpan span = prompt.Spans[i];
            if (span.Start < length)
            {
                _spans.Add(span with { Start = span.Start + start });
            }
        }

        return start;
    }

    /// <summary>Places the beginning of a prompt, and rows that follow it along all axes alike; turns that stand apart see no other.</summary>
    private void Place(PreparedPrompt prompt, int length, int more, ApartTurns? apart = null)
    {
        if (prompt.Positions is null && apart is null)
        {
            _batch.Add(length + more);
            return;
        }

        IReadOnlyList<int> positions = prompt.Positions ?? [.. Enumerable.Range(0, _batch.Axes).SelectMany(_ => Enumerable.Range(0, prompt.Ids.Count))];
        int count = prompt.Ids.Count, axes = positions.Count / count, rows = length + more;
        if (_positions.Length < axes * rows)
        {
            _positions = new int[axes * rows];
        }

        int next = 0;
        for (int axis = 0; axis < axes; axis++)
        {
            for (int i = 0; i < length; i++)
            {
                int position = positions[(axis * count) + i];
                _positions[(axis * rows) + i] = position;
                next = Math.Max(next, position + 1);
            }
        }

        for (int axis = 0; axis < axes; axis++)
        {
            for (int i = 0; i < more; i++)
            {
                _positions[(axis * rows) + length + i] = next + i;
            }
        }

        if (apart is not null)
        {
            Separate(apart, axes, rows);
            return;
        }

        _batch.Add(_positions.AsSpan(0, axes * rows));
    }
}
