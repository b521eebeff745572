using Percept.Data;
using Percept.Models;
using Percept.Tensors;
using Percept.Text;

namespace Percept.Training;

/// <summary>
/// Learns to guess hidden tokens of texts from both sides (BERT, Devlin et al., 2019): of the tokens that are chosen, 80 % are replaced by
/// the mask, 10 % by any token, 10 % stay. Each chosen token of a step counts alike.
/// </summary>
/// <remarks>Control tokens are never chosen; of a text of which none would be, one is.</remarks>
public sealed class MaskedLanguageObjective : SummedObjective
{
    // Told apart from other streams of the seed.
    private const ulong MaskStream = 0x6D6C6D;
    private const double Replaced = 0.8;
    private const double Kept = 0.1;

    private readonly IMaskedLanguageModel _model;
    private readonly Tokenizer _tokenizer;
    private readonly LengthLimit _limit;
    private readonly SequenceBatch _batch = new();
    private readonly int _mask;
    private readonly double _share;
    private readonly ulong _seed;

    /// <summary>Makes it for a model.</summary>
    /// <param name="model">A text encoder with a head for tokens.</param>
    /// <param name="loss">The recipe's settings.</param>
    /// <param name="seed">Where the choice of tokens begins.</param>
    /// <param name="ranks">The ranks that share each step; null for this process alone.</param>
    /// <exception cref="NotSupportedException">The model is no such model, or its tokenizer has no mask.</exception>
    public MaskedLanguageObjective(TrainedModel model, LossRecipe loss, ulong seed, ICommunicator? ranks = null)
        : base(model, ranks)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(loss);
        _model = model.Loaded.As<IMaskedLanguageModel>();
        LoadedTokenizer tokenizer = TokenizerLoader.FromFolder(model.Folder);
        _tokenizer = tokenizer.Tokenizer;
        _mask = tokenizer.TokenId("mask_token") ?? throw new NotSupportedException(
            $"The tokenizer of '{model.Folder}' has no 'mask_token', which hidden tokens become. Name it in tokenizer_config.json.");
        _limit = new LengthLimit(_model.MaximumPositions, loss);
        _share = loss.MaskProbability;
        _seed = seed;
    }

    /// <inheritdoc/>
    public override TrainingItem? Prepare(DatasetSample sample, ulong draw)
    {
        ArgumentNullException.ThrowIfNull(sample);
        string text = sample.Caption ?? string.Join('\n', sample.Messages.Select(message => message.Text));
        int[] ids = _tokenizer.EncodeIds(text.Trim(), addSpecialTokens: true, allowSpecial: false);
        int[] free = [.. Enumerable.Range(0, ids.Length).Where(i => !_tokenizer.IsSpecial(ids[i]))];
        if (free.Length == 0)
        {
            throw new InvalidDataException($"{sample} has no text to hide tokens of. Remove it from the dataset.");
        }

        var random = new RandomStream(_seed ^ MaskStream, draw);
        int[] places = [.. free.Where(_ => random.NextDouble() < _share)];
        places = places.Length > 0 ? places : [free[random.NextInt32(free.Length)]];
        int[] targets = [.. places.Select(place => ids[place])];
        foreach (int place in places)
        {
            double part = random.NextDouble();
            ids[place] = part < Replaced ? _mask
                : part < Replaced + Kept ? ids[place]
                : random.NextInt32(Math.Min(_tokenizer.VocabularySize, _model.VocabularySize));
        }

        return _limit.Keep(new MaskedTextItem(sample, ids, places, targets), ids.Length);
    }

    /// <inheritdoc/>
    protected override Tensor Loss(IReadOnlyList<TrainingItem> items, StepWeight whole, StepMetrics? metrics)
    {
        _batch.Clear();
        List<int> ids = [], places = [], targets = [];
        foreach (TrainingItem item in items)
        {
            var text = (MaskedTextItem)item;
            int[] own = [.. text.Ids], positions = new int[own.Length];
            _model.Place(own, positions);
            _batch.Add(positions);
            places.AddRange(text.Places.Select(place => ids.Count + place));
            targets.AddRange(text.Targets);
            ids.AddRange(own);
        }

        Tensor states = _model.Encode(new TextInput(Tensor.From<int>([.. ids], [ids.Count])), _batch).States;
        Tensor logits = _model.Logits(Ops.IndexSelect(states, Tensor.From<int>([.. places], [places.Count]), 0));
        if (metrics is not null)
        {
            int size = logits.Shape[1];
            ReadOnlySpan<float> all = logits.Span<float>();
            for (int i = 0; i < targets.Count; i++)
            {
                int guessed = System.Numerics.Tensors.TensorPrimitives.IndexOfMax(all.Slice(i * size, size));
                metrics.Add("accuracy", guessed == targets[i] ? 1 : 0);
            }
        }

        return Ops.CrossEntropy(
            logits, Tensor.From<int>([.. targets], [targets.Count]), new CrossEntropyOptions { Reduction = Reduction.Sum, Divisor = whole.Items });
    }
}
