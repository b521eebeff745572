using Percept.Data;
using Percept.Models;
using Percept.Tensors;

namespace Percept.Training;

/// <summary>Learns to paint the patches of a picture that were hidden (He et al. 2022). Each picture of a step counts alike.</summary>
public sealed class MaskedImageObjective : SummedObjective
{
    // Told apart from the stream that cuts pictures.
    private const ulong NoiseStream = 0x6D61736B;

    private readonly IMaskedReconstruction _model;
    private readonly IVisionTower _tower;
    private readonly PicturePreparer _pictures;
    private readonly ulong _seed;

    /// <summary>Makes it for a model.</summary>
    /// <param name="model">A masked autoencoder.</param>
    /// <param name="loss">The recipe's settings.</param>
    /// <param name="seed">Where the choice of patches and random cuts begin.</param>
    /// <param name="ranks">The ranks that share each step; null for this process alone.</param>
    /// <exception cref="NotSupportedException">The model is no masked autoencoder.</exception>
    public MaskedImageObjective(TrainedModel model, LossRecipe loss, ulong seed, ICommunicator? ranks = null)
        : base(model, ranks)
    {
        ArgumentNullException.ThrowIfNull(loss);
        _model = model.Loaded.As<IMaskedReconstruction>();
        _tower = model.Loaded.As<IVisionTower>();
        _pictures = new PicturePreparer(model.Folder, loss, seed);
        _seed = seed;
    }

    /// <inheritdoc/>
    public override TrainingItem? Prepare(DatasetSample sample, ulong draw)
    {
        ArgumentNullException.ThrowIfNull(sample);
        return new PictureItem(sample, _pictures.Make(sample, draw), [], draw);
    }

    /// <inheritdoc/>
    protected override Tensor Loss(IReadOnlyList<TrainingItem> items, StepWeight whole, StepMetrics? metrics)
    {
        Tensor batch = PictureItem.Batch(items);
        int patches = batch.Shape[2] / _tower.PatchSize * (batch.Shape[3] / _tower.PatchSize);
        Tensor noise = Ops.Empty([items.Count, patches]);
        Span<float> values = noise.Writable<float>();
        for (int i = 0; i < items.Count; i++)
        {
            ulong draw = ((PictureItem)items[i]).Draw;
            new RandomStream(_seed ^ NoiseStream, draw).FillUniform(values.Slice(i * patches, patches));
        }

        // Each picture has as many hidden patches, so the mean over patches is that over pictures.
        Tensor loss = _model.Reconstruct(new VisionInput(batch) { Noise = noise }).Loss;
        return Ops.Scale(loss, (float)(items.Count / whole.Items));
    }
}
