using Percept.Data;
using Percept.Models;
using Percept.Tensors;

namespace Percept.Training;

/// <summary>
/// Learns which text belongs to which picture of a micro-batch, and to judge pairs of which some are wrong ones that look right
/// (ITC and ITM, Li et al. 2022). Each micro-batch is compared in itself.
/// </summary>
public sealed class MatchingObjective : SummedObjective
{
    // Told apart from the stream that cuts pictures.
    private const ulong WrongStream = 0x77726F6E67;

    private readonly IImageTextMatcher _model;
    private readonly PicturePreparer _pictures;
    private readonly TowerTexts _texts;
    private readonly ulong _seed;

    /// <summary>Makes it for a model.</summary>
    /// <param name="model">A model that compares pictures with texts and judges pairs.</param>
    /// <param name="loss">The recipe's settings.</param>
    /// <param name="seed">Where the choice of wrong partners and random cuts begin.</param>
    /// <exception cref="NotSupportedException">The model is no such model.</exception>
    public MatchingObjective(TrainedModel model, LossRecipe loss, ulong seed)
        : base(model)
    {
        ArgumentNullException.ThrowIfNull(loss);
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
    protected override Tensor Loss(IReadOnlyList<TrainingItem> items, StepWeight whole, StepMetrics? metrics)
    {
        PictureItem[] pairs = [.. items.Cast<PictureItem>()];
        Tensor draws = Ops.Empty([2, pairs.Length]);
        Span<float> values = draws.Writable<float>();
        for (int i = 0; i < pairs.Length; i++)
        {
            var random = new RandomStream(_seed ^ WrongStream, pairs[i].Draw);
            values[i] = (float)random.NextDouble();
            values[pairs.Length + i] = (float)random.NextDouble();
        }

        Tensor states = _model.EncodeImages(new VisionInput(PictureItem.Batch(items)));
        MatchingLoss made = MatchingLoss.Of(
            _model, states, [.. pairs.Select(pair => (int[])[.. pair.Text])],
            Ops.Reshape(Ops.Narrow(draws, 0, 0, 1), [pairs.Length]), Ops.Reshape(Ops.Narrow(draws, 0, 1, 1), [pairs.Length]));
        if (metrics is not null)
        {
            metrics.Add("itc", made.Contrast.Item(), pairs.Length);
            metrics.Add("itm", made.Matching.Item(), pairs.Length);
            ReadOnlySpan<float> logits = made.Logits.Span<float>();
            for (int i = 0; i < logits.Length / 2; i++)
            {
                metrics.Add("judged right", logits[(2 * i) + 1] > logits[2 * i] == i < pairs.Length ? 1 : 0);
            }
        }

        return Ops.Scale(made.Total, (float)(items.Count / whole.Items));
    }
}
