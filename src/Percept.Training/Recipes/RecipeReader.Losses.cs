using System.Text.RegularExpressions;

namespace Percept.Training;

/// <content>Losses.</content>
internal static partial class RecipeReader
{
    private static LossRecipe Loss(RecipeSection section)
    {
        var loss = new LossRecipe { Kind = section.Word("kind", "supervised", [.. LossRecipe.Kinds]) };
        if (loss.TakesConversations || loss.Kind == "masked_language")
        {
            loss.MostTokens = section.Int("max_tokens", 2048, 2);
            loss.SkipsLong = section.Word("too_long", "refuse", "refuse", "skip") == "skip";
        }

        if (loss.TakesConversations)
        {
            loss.ClipFrames = section.Int("clip_frames", 8, 1);
        }

        switch (loss.Kind)
        {
            case "supervised":
                loss.LabelSmoothing = section.Number("label_smoothing", 0, 0, 1);
                loss.TrainOnPrompt = section.Flag("train_on_prompt", false);
                loss.MaskHistory = section.Flag("mask_history", false);
                break;
            case "contrastive":
                loss.CachedBatch = section.Int("cached_batch", 0);
                ReadAugmentation(section, loss);
                break;
            case "matching":
                ReadAugmentation(section, loss);
                break;
            case "captioning":
                loss.LabelSmoothing = section.Number("label_smoothing", 0, 0, 1);
                ReadAugmentation(section, loss);
                break;
            case "masked_image":
                ReadAugmentation(section, loss);
                break;
            case "masked_tokens":
                loss.MaskRatio = section.Number("mask_ratio", 0.4, 1e-6, 1);
                loss.Teacher = section.FindPath("teacher");
                ReadAugmentation(section, loss);
                break;
            case "masked_language":
                loss.MaskProbability = section.Number("mask_probability", 0.15, 1e-6, 1);
                break;
            case "preference":
                loss.Formula = section.Word("formula", "sigmoid", [.. PreferenceObjective.Formulas]);
                loss.Beta = section.Number("beta", loss.Formula == "simpo" ? 2 : 0.1, 1e-9);
                ReadFormula(section, loss);
                break;
            case "distillation":
                ReadDistillation(section, loss);
                break;
            case "grpo":
                ReadAnswers(section, loss, least: 2);
                loss.Formula = section.Word("formula", "grpo", [.. GrpoObjective.Formulas]);
                loss.Beta = section.Number("beta", 0.04, 0);
                loss.Iterations = section.Int("iterations", 1, 1);
                loss.Clip = section.Number("clip", 0.2, 0, 1);
                loss.ClipHigh = section.Number("clip_high", loss.Clip, 0);
                loss.ScalesRewards = section.Flag("scale_rewards", loss.Formula != "dr_grpo");
                break;
            case "ppo":
                ReadAnswers(section, loss, least: 1);
                loss.Beta = section.Number("beta", 0.05, 0);
                loss.Iterations = section.Int("iterations", 4, 1);
                loss.Clip = section.Number("clip", 0.2, 0, 1);
                loss.Gamma = section.Number("gamma", 1, 0, 1);
                loss.Lambda = section.Number("lambda", 0.95, 0, 1);
                loss.ValueClip = section.Number("value_clip", 0.2, 0);
                loss.ValueWeight = section.Number("value_weight", 0.1, 0);
                break;
            case "reward":
                loss.Centering = section.Number("centering", 0, 0);
                break;
            default:
                throw new InvalidOperationException($"There is no objective '{loss.Kind}'.");
        }

        return loss;
    }

    /// <summary>What the formulas of preferences differ in; a key of another formula is unknown.</summary>
    private static void ReadFormula(RecipeSection section, LossRecipe loss)
    {
        switch (loss.Formula)
        {
            case "sigmoid" or "robust" or "exo_pair":
                loss.LabelSmoothing = section.Number("label_smoothing", 0, 0, 0.499);
                break;
            case "simpo":
                loss.Margin = section.Number("margin", 1);
                break;
            case PreferenceObjective.Kto:
                loss.DesirableWeight = section.Number("desirable_weight", 1, 0);
                loss.UndesirableWeight = section.Number("undesirable_weight", 1, 0);
                break;
            default:
                break;
        }
    }

    private static void ReadAugmentation(RecipeSection section, LossRecipe loss)
    {
        loss.LeastCrop = section.Number("least_crop", 1, 0.01, 1);
        loss.Flips = section.Flag("flip", false);
    }

    private static void ReadDistillation(RecipeSection section, LossRecipe loss)
    {
        loss.Teacher = section.FindPath("teacher")
            ?? throw section.Wrong("teacher", "must be given: --set loss.teacher=FOLDER, of a model with the same tokens.");
        loss.Divergence = section.Word("divergence", "forward", [.. DistillationObjective.Divergences]);
        loss.Beta = section.Number("beta", 0.5, 1e-6, 1 - 1e-6);
        loss.Temperature = section.Number("temperature", 1, 1e-6);
        loss.DivergenceWeight = section.Number("divergence_weight", 1, 0);
        loss.LabelWeight = section.Number("label_weight", 0, 0);
        loss.TrainOnPrompt = section.Flag("train_on_prompt", false);
        loss.MaskHistory = section.Flag("mask_history", false);
    }

    /// <summary>What losses over a model's own answers have in common.</summary>
    private static void ReadAnswers(RecipeSection section, LossRecipe loss, int least)
    {
        loss.Rewards = [.. section.Sections("rewards").Select(Reward)];
        if (loss.Rewards.Count == 0)
        {
            throw section.Wrong("rewards", $"names no reward: --set loss.rewards.0.kind=exact_match. There are {string.Join(", ", RewardRecipe.Kinds)}.");
        }

        loss.GroupSize = section.Int("group_size", least == 1 ? 1 : 8, least);
        loss.AnswerTokens = section.Int("answer_tokens", 256, 1);
        loss.Temperature = section.Number("temperature", 1, 1e-6);
    }

    private static RewardRecipe Reward(RecipeSection section)
    {
        var reward = new RewardRecipe
        {
            Kind = section.Word("kind", "exact_match", [.. RewardRecipe.Kinds]),
            Weight = section.Number("weight", 1),
        };
        if (reward.Kind == "format")
        {
            reward.Pattern = section.FindText("pattern") ?? throw section.Wrong("pattern", "must be given: a regular expression such as '^[0-9]+$'.");
            try
            {
                _ = new Regex(reward.Pattern, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);
            }
            catch (Exception error) when (error is ArgumentException or NotSupportedException)
            {
                throw section.Wrong("pattern", $"is '{reward.Pattern}', expected a regular expression without look-around: {error.Message}");
            }
        }

        if (reward.Kind == "model")
        {
            reward.Path = section.FindPath("path") ?? throw section.Wrong("path", "must be given: the folder of a reward model.");
        }

        return reward;
    }
}
