using Percept.Checkpoints;
using Percept.Models;
using Percept.Tensors;

namespace Percept.Training;

/// <summary>Estimates the memory of a run from the shapes of the weights and the first samples.</summary>
internal static class MemoryForecast
{
    private const int Channels = 3;
    private const int UsualPatch = 16;

    /// <summary>The memory by what it is for.</summary>
    /// <param name="recipe">The recipe.</param>
    /// <param name="model">The model.</param>
    /// <param name="optimizer">Its optimizer.</param>
    /// <param name="items">A micro-batch like those of the run.</param>
    internal static IReadOnlyList<(string What, long Bytes)> Of(
        Recipe recipe, TrainedModel model, Optimizer optimizer, IReadOnlyList<TrainingItem> items)
    {
        IReadOnlyList<TakenTensor> taken = model.Loaded.Report.Taken;
        HashSet<string> trained = [.. model.Loaded.Report.Trained.Select(parameter => parameter.Name)];
        long weights = 4 * model.Parameters.Sum(parameter => parameter.Value.Count);
        long converted = taken.Where(tensor => tensor.Converted is not null && !trained.Contains(tensor.Name))
            .Sum(tensor => 4 * tensor.Shape.Count);
        return
        [
            ("trained weights", weights),
            ("frozen weights turned into float32", converted),
            ("gradients", weights),
            ("optimizer", optimizer.StateBytes),
            ("average of the weights", recipe.Average is null ? 0 : weights),
            ("activations", Activations(recipe, model, trained, items)),
        ];
    }

    private static long Activations(
        Recipe recipe, TrainedModel model, HashSet<string> trained, IReadOnlyList<TrainingItem> items)
    {
        (long rows, long mediaRows, long learned) = Count(items, recipe.Loss, PatchOf(model));
        var choice = new PartChoice(recipe, model.Parts);
        bool Learns(TakenTensor tensor) => trained.Contains(tensor.Name) || choice.Of(tensor.Name) is { Training: PartTraining.Adapter, IsPrompt: false };

        // A frozen tower in front of what is trained is not recorded.
        bool towerLearns = model.Loaded.Report.Taken.Any(tensor => model.Parts.PartOf(tensor.Name) == ModelParts.VisionTower && Learns(tensor));
        long bytes = 0;
        foreach (IGrouping<bool, TakenTensor> side in model.Loaded.Report.Taken
            .Where(tensor => towerLearns || model.Parts.PartOf(tensor.Name) != ModelParts.VisionTower)
            .GroupBy(tensor => IsVision(model, tensor.Name)))
        {
            // What a layer keeps: the results of its products, and the inputs of those whose weights learn.
            TakenTensor[] matrices = [.. side.Where(IsLayer)];
            int layers = matrices.Select(tensor => LayerOf(tensor.Name)).Distinct().Count();
            long numbers = matrices.Sum(tensor => (long)tensor.Shape[0] + (Learns(tensor) ? tensor.Shape.CountFrom(1) : 0));
            long hidden = matrices.Length == 0 ? 0 : matrices.Min(tensor => Math.Min(tensor.Shape[0], (long)tensor.Shape.CountFrom(1)));
            long kept = recipe.Recompute ? (layers * hidden) + (numbers / Math.Max(1, layers)) : numbers;
            bytes += 4 * kept * (side.Key ? mediaRows : rows);
        }

        if (model.Language is not { } language || model.Loaded.Model is ISequenceClassifier)
        {
            return bytes;
        }

        // Logits and one temporary of that size; of a large vocabulary a part at a time.
        long logits = 4L * learned * language.VocabularySize;
        bool inParts = recipe.Loss.Kind == "supervised" && logits > 2 * HeadCrossEntropy.PartBytes;
        return bytes + (2 * (inParts ? HeadCrossEntropy.PartBytes : logits));
    }

    /// <summary>Pixels of a side of the tower's patches; null where they are not known.</summary>
    internal static int? PatchOf(TrainedModel model) => model.Loaded.Model switch
    {
        LlavaModel llava => llava.Tower.PatchSize,
        IVisionTower tower => tower.PatchSize,
        DualEncoder => UsualPatch,
        _ => null,
    };

    /// <summary>Rows that go through the layers, rows of the media in their tower, and tokens that are learned.</summary>
    internal static (long Rows, long MediaRows, long Learned) Count(
        IReadOnlyList<TrainingItem> items, LossRecipe loss, int? patch)
    {
        long rows = 0, media = 0, learned = 0;
        foreach (TrainingItem item in items)
        {
            // A question goes through the model once for each of its answers.
            rows += item switch
            {
                DistillationItem taught => taught.Student.Rows,
                PromptItem asked => (long)loss.GroupSize * (asked.Rows + loss.AnswerTokens),
                _ => item.Rows,
            };
            learned += item is PromptItem ? (long)loss.GroupSize * loss.AnswerTokens : (long)item.Weight;
            media += item switch
            {
                TokenItem token => Media(token.Conversation.Prompt, patch),
                PreferenceItem pair => Media(pair.Chosen.Conversation.Prompt, patch) + Media(pair.Rejected.Conversation.Prompt, patch),
                JudgedItem judged => Media(judged.Answered.Conversation.Prompt, patch),
                PromptItem asked => Media(asked.Prompt, patch),
                DistillationItem both => Media(both.Student.Conversation.Prompt, patch),
                PictureItem picture => Patches(picture.Pixels, patch ?? UsualPatch),
                _ => 0,
            };
            learned += item switch
            {
                PreferenceItem two => two.Chosen.Learned + two.Rejected.Learned,
                JudgedItem judged => judged.Answered.Learned,
                _ => 0,
            };
        }

        return (rows, media, learned);
    }

    /// <summary>Rows in the tower; where its patches are not known, those that reach the language model.</summary>
    private static long Media(PreparedPrompt prompt, int? patch) => patch is { } side
        ? prompt.Spans.Select(span => span.Media).Distinct().Sum(media => Patches(media.Pixels, side))
        : prompt.Spans.Sum(span => (long)span.Count);

    private static long Patches(Tensor pixels, int side) => pixels.Count / (Channels * side * side);

    /// <summary>Whether a weight works on media.</summary>
    internal static bool IsVision(TrainedModel model, string name) =>
        model.Parts.PartOf(name) is ModelParts.VisionTower or ModelParts.Projector or ModelParts.Decoder;

    /// <summary>Whether a weight is the matrix of a layer.</summary>
    internal static bool IsLayer(TakenTensor tensor) => tensor.Shape.Rank == 2 && tensor.Name.Any(char.IsAsciiDigit)
        && !tensor.Name.Contains("embed", StringComparison.Ordinal);

    /// <summary>The name up to the first word with a digit.</summary>
    internal static string LayerOf(string name)
    {
        string[] words = name.Split('.');
        return string.Join('.', words.Take(1 + Array.FindIndex(words, word => word.Any(char.IsAsciiDigit))));
    }
}
