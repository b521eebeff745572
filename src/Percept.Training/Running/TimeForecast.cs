using System.Diagnostics;
using Percept.Checkpoints;
using Percept.Models;
using Percept.Tensors;
using Percept.Tensors.Autograd;

namespace Percept.Training;

/// <summary>Estimates how long a run takes: the operations of its steps over the speed that a product reaches here, now.</summary>
/// <remarks>
/// Steps reach a part of that speed, the less the narrower the model, for what is not a product then weighs more: measured on two cores with
/// AVX-512, 60 % at a width of 896 and 25 % at 192. Reading, validating and answering come on top.
/// </remarks>
internal static class TimeForecast
{
    private const double WideShare = 0.6, NarrowShare = 0.25;
    private const double Wide = 896, Narrow = 192;

    // The attention's two products, and their five on the way back.
    private const double AttentionProducts = 7;

    private const int Side = 768;
    private static readonly TimeSpan s_probe = TimeSpan.FromMilliseconds(60);

    /// <summary>The time of all steps; null where it hangs on how long sampled answers become, or nothing is known of the samples.</summary>
    /// <param name="recipe">The recipe.</param>
    /// <param name="model">The model.</param>
    /// <param name="items">A micro-batch like those of the run.</param>
    /// <param name="steps">How many steps there are.</param>
    internal static TimeSpan? Of(Recipe recipe, TrainedModel model, IReadOnlyList<TrainingItem> items, int steps)
    {
        if (items.Count == 0 || items.Any(item => item is PromptItem))
        {
            return null;
        }

        (double operations, double width) = Operations(recipe, model, items);
        double share = NarrowShare + ((WideShare - NarrowShare) * Math.Log(width / Narrow) / Math.Log(Wide / Narrow));
        double speed = Speed(recipe.FastProducts ? LinearPrecision.Mixed : LinearPrecision.Exact) * Math.Clamp(share, NarrowShare, WideShare);
        return TimeSpan.FromSeconds(Math.Min(operations * recipe.Batch.Accumulate * steps / speed, TimeSpan.MaxValue.TotalSeconds / 2));
    }

    /// <summary>Operations (multiplications and additions) of a micro-batch, forward and back, and the least width of a layer.</summary>
    internal static (double Operations, double Width) Operations(Recipe recipe, TrainedModel model, IReadOnlyList<TrainingItem> items)
    {
        (long rows, long mediaRows, long learned) = MemoryForecast.Count(items, recipe.Loss, MemoryForecast.PatchOf(model));
        HashSet<string> trained = [.. model.Loaded.Report.Trained.Select(parameter => parameter.Name)];
        var choice = new PartChoice(recipe, model.Parts);
        bool Learns(TakenTensor tensor) =>
            trained.Contains(tensor.Name) || choice.Of(tensor.Name) is { Training: PartTraining.Adapter, IsPrompt: false };
        string PartOf(TakenTensor tensor) => model.Parts.PartOf(tensor.Name);

        TakenTensor[] all = [.. model.Loaded.Report.Taken];
        bool towerLearns = all.Any(tensor => PartOf(tensor) == ModelParts.VisionTower && Learns(tensor));
        bool mediaLearn = towerLearns || all.Any(tensor => PartOf(tensor) == ModelParts.Projector && Learns(tensor));
        var layers = new HashSet<string>(StringComparer.Ordinal);
        double operations = 0, width = double.PositiveInfinity;
        foreach (TakenTensor tensor in all.Where(MemoryForecast.IsLayer))
        {
            bool vision = MemoryForecast.IsVision(model, tensor.Name);
            bool flows = !vision || (mediaLearn && (towerLearns || PartOf(tensor) != ModelParts.VisionTower));

            // Forward, back to the input, to the weight; what is computed again goes forward twice.
            int products = 1 + (flows ? 1 : 0) + (trained.Contains(tensor.Name) ? 1 : 0) + (recipe.Recompute && flows ? 1 : 0);
            operations += 2.0 * tensor.Shape.Count * (vision ? mediaRows : rows) * products;
            width = Math.Min(width, Math.Min(tensor.Shape[0], (double)tensor.Shape.CountFrom(1)));
            if (!vision)
            {
                layers.Add(MemoryForecast.LayerOf(tensor.Name));
            }
        }

        width = double.IsFinite(width) ? width : Narrow;
        operations += AttentionProducts * layers.Count * width * items.Sum(item => (double)item.Rows * item.Rows);
        if (model.Language is { } language && model.Loaded.Model is not ISequenceClassifier)
        {
            operations += 6.0 * learned * language.VocabularySize * width;
        }

        return (operations, width);
    }

    /// <summary>Operations a second of a product of wide matrices on this machine.</summary>
    private static double Speed(LinearPrecision precision)
    {
        using GradientSwitch off = Gradients.Off();
        using TensorScope inputs = TensorScope.Open();
        Tensor x = Ops.Full([Side, Side], 0.5f), weight = Ops.Full([Side, Side], 0.25f);
        Ops.Linear(x, weight, precision: precision).Dispose();
        long start = Stopwatch.GetTimestamp();
        int runs = 0;
        do
        {
            Ops.Linear(x, weight, precision: precision).Dispose();
            runs++;
        }
        while (Stopwatch.GetElapsedTime(start) < s_probe);

        return 2.0 * Side * Side * Side * runs / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}
