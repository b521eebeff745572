using Percept.Data;

namespace Percept.Training;

/// <summary>The loss of samples that are not trained on.</summary>
/// <param name="recipe">The recipe.</param>
/// <param name="data">The samples.</param>
/// <param name="objective">The loss.</param>
/// <param name="samples">How many samples are computed at once: those of a micro-batch of all ranks, as some losses compare them.</param>
internal sealed class HeldOutLoss(Recipe recipe, Lazy<IReadOnlyList<MixSource>> data, IObjective objective, int samples) : IDisposable
{
    private List<TrainingItem>? _items;

    /// <summary>Prepares the samples, so that what is wrong with them is told before the first step.</summary>
    /// <exception cref="InvalidDataException">A dataset or a sample cannot be read.</exception>
    internal void Open()
    {
        if (recipe.Samples.Every > 0 && recipe.Samples.Data.Count > 0 && recipe.Samples.LossSamples > 0)
        {
            _items = Prepare();
        }
    }

    /// <summary>The mean loss; null where the recipe names no data for it.</summary>
    internal double? Take()
    {
        double sum = 0, weight = 0;
        foreach (TrainingItem[] batch in (_items ?? []).Chunk(samples))
        {
            // Of fewer samples it is easier to tell the partner: such a loss is of another kind.
            if (recipe.Loss.ComparesSamples && weight > 0 && batch.Length < samples)
            {
                continue;
            }

            double own = batch.Sum(item => item.Weight);
            sum += objective.Evaluate(batch) * own;
            weight += own;
        }

        return weight > 0 ? sum / weight : null;
    }

    /// <inheritdoc/>
    public void Dispose() => _items?.ForEach(item => item.Dispose());

    private List<TrainingItem> Prepare()
    {
        var items = new List<TrainingItem>();
        ulong draw = 0;
        foreach (MixItem sample in new DatasetMix(data.Value, new MixOptions { Shuffles = false }).Items())
        {
            if (items.Count == recipe.Samples.LossSamples)
            {
                break;
            }

            if (objective.Prepare(sample.Load(), draw++) is { } item)
            {
                items.Add(item);
            }
        }

        return items;
    }
}
