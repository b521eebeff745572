using Percept.Data;
using Percept.Models;
using Percept.Tensors;

namespace Percept.Training;

/// <summary>
/// Learns which text belongs to which picture of a micro-batch, and to judge pairs of which some are wrong ones that look right
/// (ITC and ITM, Li et al. 2022). Each micro-batch is compared in itself: of several ranks the pairs of all, of which each rank judges its own.
/// </summary>
public sealed class MatchingObjective : SummedObjective
{
    // Told apart from the stream that cuts pictures.
    private const ulong WrongStream = 0x77726F6E67;

    private readonly IImageTextMatcher _model;
    private readonly PicturePreparer _pictures;
    private readonly TowerTexts _texts;
    private readonly TrainedModel _trained;
    private readonly ICommunicator _ranks;
    private readonly ulong _seed;

    /// <summary>Makes it for a model.</summary>
    /// <param name="model">A model that compares pictures with texts and judges pairs.</param>
    /// <param name="loss">The recipe's settings.</param>
    /// <param name="seed">Where the choice of wrong partners and random cuts begin.</param>
    /// <param name="ranks">The ranks that share each step; null for this process alone.</param>
    /// <exception cref="NotSupportedException">The model is no such model.</exception>
    public MatchingObjective(TrainedModel model, LossRecipe loss, ulong seed, ICommunicator? ranks = null)
        : base(model, ranks)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(loss);
        _trained = model;
        _ranks = ranks ?? SingleProcess.Instance;
        _model = model.Loaded.As<IImageTextMatcher>();
        _pictures = new PicturePreparer(model.Folder, loss, seed);
        _texts = TowerTexts.Load(model.Loaded, model.Folder);
        _seed = seed;
    }

    /// <inheritdoc/>
    public override TrainingItem? Prepare(DatasetSample sample, ulong draw)
    {
        ArgumentNullException.ThrowIfNull(sample);
        return new PictureItem(sample, _pictures.Make(sample, draw), PictureTexts.Ids(sample, _texts), draw);
    }

    /// <inheritdoc/>
    public override double Accumulate(IReadOnlyList<IReadOnlyList<TrainingItem>> batches, long step, StepMetrics metrics)
    {
        if (_ranks.Size == 1)
        {
            return base.Accumulate(batches, step, metrics);
        }

        ArgumentNullException.ThrowIfNull(batches);
        var whole = StepWeight.Of(batches, _ranks);
        double loss = 0;
        for (int i = 0; i < batches.Count; i++)
        {
            int number = (i * _ranks.Size) + _ranks.Rank;
            loss += OwnShare(batches[i], () => _trained.BeginMicroBatch(step, number), whole, metrics);
        }

        return loss;
    }

    /// <inheritdoc/>
    protected override Tensor Loss(IReadOnlyList<TrainingItem> items, StepWeight whole, StepMetrics? metrics)
    {
        PictureItem[] pairs = [.. items.Cast<PictureItem>()];
        (Tensor imageDraws, Tensor textDraws) = Draws([.. pairs.Select(pair => pair.Draw)]);
        Tensor states = _model.EncodeImages(new VisionInput(PictureItem.Batch(items)));
        MatchingLoss made = MatchingLoss.Of(_model, states, [.. pairs.Select(pair => (int[])[.. pair.Text])], imageDraws, textDraws);
        Note(made, pairs.Length, metrics);
        return Ops.Scale(made.Total, (float)(items.Count / whole.Items));
    }

    /// <summary>
    /// This rank's part of the loss of a micro-batch, and its gradients: pictures and texts are compared with those of all ranks, and wrong
    /// partners may be another rank's, to which the gradients of their states go back.
    /// </summary>
    private float OwnShare(IReadOnlyList<TrainingItem> items, Action begin, StepWeight whole, StepMetrics metrics)
    {
        using TensorScope scope = TensorScope.Open();
        RankItem[] said = RankItem.Gather(_ranks, items.Cast<PictureItem>().Select(item => (item.Draw, (int[])[.. item.Text])));
        if (said.Length == 0)
        {
            return 0;
        }

        // The vectors come one rank's behind the other's; one process would have the pairs in the order of their draws.
        int[] order = [.. Enumerable.Range(0, said.Length).OrderBy(i => said[i].Draw)];
        RankItem[] pairs = [.. order.Select(i => said[i])];
        int[][] texts = [.. pairs.Select(pair => pair.Ids)];
        int[] own = [.. Enumerable.Range(0, pairs.Length).Where(i => pairs[i].Own is not null)];
        (Tensor imageDraws, Tensor textDraws) = Draws([.. pairs.Select(pair => pair.Draw)]);
        Tensor places = Tensor.From<int>(order, [order.Length]);
        int width = 0;
        var cache = new GradientCache(items.Count == 0 ? 0 : 1, Encode, _ranks);
        Tensor[] Encode(int part)
        {
            begin();
            Tensor states = _model.EncodeImages(new VisionInput(PictureItem.Batch(items)));
            width = states.Shape[-1];
            return
            [
                Ops.Reshape(states, [states.Shape[0], states.Shape[1] * width]), _model.EmbedImages(states),
                _model.EmbedTexts([.. items.Cast<PictureItem>().Select(pair => (int[])[.. pair.Text])]),
            ];
        }

        return cache.BackwardOfShare(vectors =>
        {
            PairComparison compared = MatchingLoss.Compare(
                Ops.IndexSelect(vectors[1], places, 0), Ops.IndexSelect(vectors[2], places, 0), imageDraws, textDraws);

            // All ranks compute the whole contrast.
            Tensor share = Ops.Scale(compared.Contrast, 1f / _ranks.Size);
            if (own.Length > 0)
            {
                Tensor states = Ops.Reshape(vectors[0], [pairs.Length, vectors[0].Shape[1] / width, width]);
                MatchingLoss made = MatchingLoss.Judge(_model, compared, states, texts, own, order);
                Note(made, own.Length, metrics, pairs.Length);
                share = Ops.Add(share, made.Matching);
            }

            return Ops.Scale(share, (float)(pairs.Length / whole.Items));
        });
    }

    /// <summary>The numbers that choose wrong pictures and wrong texts: float32 [n] each.</summary>
    private (Tensor Images, Tensor Texts) Draws(ulong[] places)
    {
        Tensor images = Ops.Empty([places.Length]), texts = Ops.Empty([places.Length]);
        Span<float> one = images.Writable<float>(), other = texts.Writable<float>();
        for (int i = 0; i < places.Length; i++)
        {
            var random = new RandomStream(_seed ^ WrongStream, places[i]);
            one[i] = (float)random.NextDouble();
            other[i] = (float)random.NextDouble();
        }

        return (images, texts);
    }

    /// <summary>Tells the losses of some pairs, whose part of the mean over all the loss is.</summary>
    private static void Note(MatchingLoss made, int own, StepMetrics? metrics, int? all = null)
    {
        if (metrics is null)
        {
            return;
        }

        metrics.Add("itc", made.Contrast.Item(), own);
        metrics.Add("itm", made.Matching.Item() * ((all ?? own) / (double)own), own);
        ReadOnlySpan<float> logits = made.Logits.Span<float>();
        for (int i = 0; i < logits.Length / 2; i++)
        {
            metrics.Add("judged right", logits[(2 * i) + 1] > logits[2 * i] == i < own ? 1 : 0);
        }
    }
}
