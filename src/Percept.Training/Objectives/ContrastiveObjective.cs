using Percept.Data;
using Percept.Models;
using Percept.Tensors;
using Percept.Tensors.Autograd;

namespace Percept.Training;

/// <summary>
/// Learns which text belongs to which picture of a batch: CLIP's loss over all texts, or SigLIP's over single pairs, as the model has it.
/// A batch may be computed in parts; its gradients are those of the whole.
/// </summary>
public sealed class ContrastiveObjective : IObjective
{
    private readonly TrainedModel _model;
    private readonly DualEncoder _encoder;
    private readonly PicturePreparer _pictures;
    private readonly TowerTexts _texts;
    private readonly int _cached;
    private readonly ICommunicator _ranks;

    /// <summary>Makes it for a model.</summary>
    /// <param name="model">A model with a tower for pictures and one for texts.</param>
    /// <param name="loss">The recipe's settings.</param>
    /// <param name="seed">Where random cuts of pictures begin.</param>
    /// <param name="ranks">The ranks that share each batch; null for this process alone.</param>
    /// <exception cref="NotSupportedException">The model is no such model.</exception>
    public ContrastiveObjective(TrainedModel model, LossRecipe loss, ulong seed, ICommunicator? ranks = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(loss);
        _model = model;
        _encoder = model.Loaded.As<DualEncoder>();
        _pictures = new PicturePreparer(model.Folder, loss, seed);
        _texts = TowerTexts.Load(model.Loaded, model.Folder);
        _cached = loss.CachedBatch;
        _ranks = ranks ?? SingleProcess.Instance;
    }

    /// <inheritdoc/>
    public TrainingItem? Prepare(DatasetSample sample, ulong draw)
    {
        ArgumentNullException.ThrowIfNull(sample);
        return new PictureItem(sample, _pictures.Make(sample, draw), PictureTexts.Ids(sample, _texts), draw);
    }

    /// <inheritdoc/>
    public double Accumulate(IReadOnlyList<IReadOnlyList<TrainingItem>> batches, long step, StepMetrics metrics)
    {
        ArgumentNullException.ThrowIfNull(batches);
        ArgumentNullException.ThrowIfNull(metrics);
        IReadOnlyList<TrainingItem> all = batches.Count == 1 ? batches[0] : [.. batches.SelectMany(batch => batch)];
        if (_ranks.Size == 1 && (_cached <= 0 || _cached >= all.Count))
        {
            using TensorScope scope = TensorScope.Open();
            _model.BeginMicroBatch(step, 0);
            Tensor loss = Loss(Encode(all, 0, all.Count), metrics);
            Gradients.Backward(loss);
            return loss.Item();
        }

        // Each rank encodes its own pairs, and the loss is taken over the pairs of all; rank 0 tells it.
        int most = _cached <= 0 ? Math.Max(1, all.Count) : _cached, parts = (all.Count + most - 1) / most;
        var cache = new GradientCache(parts, Part, _ranks);
        Tensor[] Part(int part)
        {
            // Dropout draws the same when a part is encoded again.
            _model.BeginMicroBatch(step, (part * _ranks.Size) + _ranks.Rank);
            return Encode(all, part * most, Math.Min(all.Count, (part + 1) * most));
        }

        double whole = cache.Backward(vectors => Loss(vectors, _ranks.Rank == 0 ? metrics : null));
        return _ranks.Rank == 0 ? whole : 0;
    }

    /// <inheritdoc/>
    public double Evaluate(IReadOnlyList<TrainingItem> batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        using GradientSwitch off = Gradients.Off();
        using TensorScope scope = TensorScope.Open();
        _model.EndSteps();
        return Loss(Encode(batch, 0, batch.Count), null).Item();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    /// <summary>The directions of pictures and of texts.</summary>
    private Tensor[] Encode(IReadOnlyList<TrainingItem> items, int start, int end)
    {
        var pixels = new Tensor[end - start];
        var texts = new int[end - start][];
        for (int i = start; i < end; i++)
        {
            var item = (PictureItem)items[i];
            pixels[i - start] = item.Pixels;
            texts[i - start] = [.. item.Text];
        }

        (Tensor ids, Tensor? mask) = _texts.Batch(texts);
        Tensor pictures = pixels.Length == 1 ? pixels[0] : Ops.Concat(pixels, 0);
        return [_encoder.EmbedImages(new VisionInput(pictures)), _encoder.EmbedTexts(ids, mask)];
    }

    private Tensor Loss(Tensor[] vectors, StepMetrics? metrics)
    {
        Tensor logits = _encoder.Logits(vectors[0], vectors[1]);
        if (metrics is not null)
        {
            int count = logits.Shape[0];
            ReadOnlySpan<float> values = logits.Span<float>();
            for (int i = 0; i < count; i++)
            {
                ReadOnlySpan<float> row = values.Slice(i * count, count);
                metrics.Add("accuracy", System.Numerics.Tensors.TensorPrimitives.IndexOfMax(row) == i ? 1 : 0);
            }
        }

        return _encoder.Loss(logits);
    }
}
