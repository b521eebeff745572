using Percept.Models;
using Percept.Tensors;

namespace Percept.Conformance;

/// <summary>The losses of runs that train: what kind it is, the model and the run's <c>loss_type</c> say.</summary>
internal static class TrainObjectives
{
    /// <summary>Every kind: one line each, the more specific ones in front.</summary>
    private static readonly (Func<TrainRun, bool> Takes, Func<TrainRun, double?, Tensor> Loss)[] s_kinds =
    [
        (run => run.Loaded.Model is LiteralLlava, (run, _) => LiteralRuns.Loss(run)),
        (SoftPromptObjective.Takes, (run, _) => SoftPromptObjective.Loss(run)),
        (run => run.LossType.Length == 0 && TokenObjective.LanguageOf(run) is not null, TokenObjective.Loss),
        (PreferenceObjective.Takes, (run, _) => PreferenceObjective.Loss(run)),
        (run => run.Loaded.Model is ISequenceClassifier, (run, _) => ClassifierObjective.Loss(run)),
        (run => run.Loaded.Model is IImageTextMatcher, (run, _) => BlipObjectives.Matching(run)),
        (run => run.Loaded.Model is IImageCaptioner, (run, _) => BlipObjectives.Captions(run)),
        (run => run.Loaded.Model is DualEncoder, (run, _) => VisionObjectives.Contrastive(run)),
        (run => run.Loaded.Model is IMaskedReconstruction, (run, _) => VisionObjectives.Reconstruction(run)),
        (run => run.Loaded.Model is IMaskedTokens { VisualTokens: > 0 }, (run, _) => VisionObjectives.VisualTokens(run)),
        (run => run.Loaded.Model is IImageClassifier, (run, _) => VisionObjectives.Classes(run)),
        (run => run.Loaded.Model is IMaskedLanguageModel, (run, _) => MaskedTokenObjective.Loss(run)),
    ];

    /// <summary>The loss of a pass over the run's inputs.</summary>
    /// <param name="run">The run.</param>
    /// <param name="items">What the sum over tokens is divided by; null for their number.</param>
    internal static Tensor Loss(TrainRun run, double? items = null)
    {
        foreach ((Func<TrainRun, bool> takes, Func<TrainRun, double?, Tensor> loss) in s_kinds)
        {
            if (takes(run))
            {
                return loss(run, items);
            }
        }

        throw new NotUnderstoodException(
            $"no loss is known of models of type '{run.Loaded.ModelType}'" +
            (run.LossType.Length == 0 ? string.Empty : $" and loss_type '{run.LossType}'"));
    }
}
