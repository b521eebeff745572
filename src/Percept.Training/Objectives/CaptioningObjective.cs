using Percept.Data;
using Percept.Models;
using Percept.Tensors;

namespace Percept.Training;

/// <summary>Learns to write the text of a picture, token by token (BLIP). Every token of a step counts alike.</summary>
public sealed class CaptioningObjective : SummedObjective
{
    private readonly IImageCaptioner _model;
    private readonly PicturePreparer _pictures;
    private readonly TowerTexts _texts;
    private readonly float _smoothing;

    /// <summary>Makes it for a model.</summary>
    /// <param name="model">A decoder of texts that looks at pictures.</param>
    /// <param name="loss">The recipe's settings.</param>
    /// <param name="seed">Where random cuts begin.</param>
    /// <param name="ranks">The ranks that share each step; null for this process alone.</param>
    /// <exception cref="NotSupportedException">The model is no such model.</exception>
    public CaptioningObjective(TrainedModel model, LossRecipe loss, ulong seed, ICommunicator? ranks = null)
        : base(model, ranks)
    {
        ArgumentNullException.ThrowIfNull(loss);
        _model = model.Loaded.As<IImageCaptioner>();
        _pictures = new PicturePreparer(model.Folder, loss, seed);
        _texts = TowerTexts.Load(model.Loaded, model.Folder);
        _smoothing = (float)(loss.LabelSmoothing > 0 ? loss.LabelSmoothing : _model.LabelSmoothing);
    }

    /// <inheritdoc/>
    public override TrainingItem? Prepare(DatasetSample sample, ulong draw)
    {
        ArgumentNullException.ThrowIfNull(sample);
        int[] ids = PictureTexts.Written(sample, _texts, _model.BeginToken);
        return new PictureItem(sample, _pictures.Make(sample, draw), ids, draw, ids.Length - 1);
    }

    /// <inheritdoc/>
    protected override Tensor Loss(IReadOnlyList<TrainingItem> items, StepWeight whole, StepMetrics? metrics)
    {
        PictureItem[] pairs = [.. items.Cast<PictureItem>()];
        Tensor logits = _model.Logits(
            _model.EncodeImages(new VisionInput(PictureItem.Batch(items))), [.. pairs.Select(pair => (int[])[.. pair.Text.Take(pair.Text.Count - 1)])]);
        long[] targets = [.. pairs.SelectMany(pair => pair.Text.Skip(1)).Select(id => (long)id)];
        return Ops.CrossEntropy(
            logits, Tensor.From(targets, [targets.Length]),
            new CrossEntropyOptions { Reduction = Reduction.Sum, Divisor = whole.Items, LabelSmoothing = _smoothing });
    }
}
