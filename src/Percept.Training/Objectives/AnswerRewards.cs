using System.Text.Json;
using System.Text.RegularExpressions;
using Percept.Checkpoints;
using Percept.Data;
using Percept.Media;
using Percept.Models;
using Percept.Tensors;
using Percept.Tensors.Autograd;
using BoxText = Percept.Data.BoxText;

namespace Percept.Training;

/// <summary>Rewards answers as a recipe says: the sum of several kinds, each with its weight.</summary>
internal sealed class AnswerRewards
{
    private readonly (RewardRecipe Recipe, string Name, Func<IReadOnlyList<Completion>, double[]> Judge)[] _sources;
    private readonly int _clipFrames;

    /// <summary>Makes them.</summary>
    /// <param name="loss">The recipe's settings.</param>
    /// <exception cref="NotSupportedException">A reward model is none.</exception>
    internal AnswerRewards(LossRecipe loss)
    {
        _clipFrames = loss.ClipFrames;
        _sources = [.. loss.Rewards.Select((recipe, i) => (
            recipe, "reward_" + (loss.Rewards.Count(other => other.Kind == recipe.Kind) > 1
                ? FormattableString.Invariant($"{recipe.Kind}_{i}")
                : recipe.Kind),
            Judge(recipe)))];
    }

    /// <summary>Refuses a sample that has no answer to compare with, where one is needed.</summary>
    /// <exception cref="InvalidDataException">It has none.</exception>
    internal void Check(DatasetSample sample, string? reference)
    {
        foreach ((RewardRecipe recipe, _, _) in _sources)
        {
            if (recipe.NeedsReference && reference is null)
            {
                throw new InvalidDataException(
                    $"{sample} has no answer, expected one at its end: the reward '{recipe.Kind}' compares with it. Add it to the file.");
            }

            if (recipe.Kind == "box_overlap" && BoxText.Parse(reference!, 1, 1).Count == 0)
            {
                throw new InvalidDataException(
                    $"{sample} has the answer '{reference}', expected a box like [10,20,30,40] for the reward 'box_overlap'. Mend the file.");
            }
        }
    }

    /// <summary>The rewards of answers.</summary>
    /// <param name="completions">The answers.</param>
    /// <param name="metrics">Takes the mean of each kind where there are several; null for nobody.</param>
    internal float[] Of(IReadOnlyList<Completion> completions, StepMetrics? metrics)
    {
        var sums = new double[completions.Count];
        foreach ((RewardRecipe recipe, string name, Func<IReadOnlyList<Completion>, double[]> judge) in _sources)
        {
            double[] own = judge(completions);
            for (int i = 0; i < sums.Length; i++)
            {
                sums[i] += recipe.Weight * own[i];
                if (_sources.Length > 1)
                {
                    metrics?.Add(name, own[i]);
                }
            }
        }

        return [.. sums.Select(sum => (float)sum)];
    }

    private Func<IReadOnlyList<Completion>, double[]> Judge(RewardRecipe recipe)
    {
        switch (recipe.Kind)
        {
            case "exact_match":
                return Each(one => one.Text.Trim().Equals(one.Item.Reference!.Trim(), StringComparison.OrdinalIgnoreCase));
            case "contains":
                return Each(one => one.Text.Contains(one.Item.Reference!.Trim(), StringComparison.OrdinalIgnoreCase));
            case "format":
                var pattern = new Regex(recipe.Pattern!, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);
                return Each(one => pattern.IsMatch(one.Text));
            case "json":
                return Each(one => IsJson(one.Text));
            case "box_overlap":
                return all => [.. all.Select(Overlap)];
            case "model":
                return ByModel(recipe.Path!);
            default:
                throw new InvalidOperationException($"There is no reward '{recipe.Kind}'.");
        }
    }

    private static Func<IReadOnlyList<Completion>, double[]> Each(Func<Completion, bool> isGood) =>
        all => [.. all.Select(one => isGood(one) ? 1.0 : 0.0)];

    private static bool IsJson(string text)
    {
        try
        {
            JsonDocument.Parse(text).Dispose();
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>The overlap of the first box with that of the sample's answer; 0 for an answer without a box.</summary>
    private static double Overlap(Completion one) =>
        BoxText.Parse(one.Text, 1, 1) is [ImageBox box, ..] ? box.IntersectionOverUnion(BoxText.Parse(one.Item.Reference!, 1, 1)[0]) : 0;

    /// <summary>What a reward model says of the conversation with the answer at its end, as its own processor writes it.</summary>
    private Func<IReadOnlyList<Completion>, double[]> ByModel(string path)
    {
        TrainedModel model = TrainedModel.LoadFrozen(ModelLocator.Resolve(path));
        ISequenceClassifier classifier = model.NeedRewards();
        var spans = new SupervisedSpans(model.NeedProcessor(), new SupervisionOptions { ClipFrames = _clipFrames });
        var packed = new PackedTokens(model);
        int most = model.NeedLanguage().MaximumPositions;
        return all =>
        {
            using GradientSwitch off = Gradients.Off();
            using TensorScope scope = TensorScope.Open();
            packed.Clear();
            foreach (Completion one in all)
            {
                DatasetSample sample = one.Item.Sample;
                DataMessage[] messages = [.. SupervisedSpans.Question(sample), DataMessage.Assistant(one.Text)];
                using SupervisedPrompt judged = spans.Prepare(sample with { Messages = messages, Chosen = null, Rejected = null });
                int count = judged.Prompt.Ids.Count;
                packed.Add(judged.Prompt, count <= most ? count : throw new InvalidDataException(
                    $"{sample} has {count} tokens with its answer, more than the {most} positions of the reward model '{path}'. " +
                    "Lower loss.max_tokens."), []);
            }

            return [.. packed.Scores(classifier).Span<float>().ToArray().Select(score => (double)score)];
        };
    }
}
