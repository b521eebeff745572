using Percept.Data;
using Percept.Models;
using Percept.Tensors;
using Percept.Tensors.Autograd;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace Percept.Training;

/// <summary>
/// An objective whose data are questions: at the beginning of a step the model writes answers, which are rewarded, and then it is moved
/// towards the better ones, once or several times.
/// </summary>
public abstract class PolicyObjective : IObjective
{
    private readonly TrainedModel _model;
    private readonly SupervisedSpans _spans;
    private readonly LengthLimit _limit;
    private readonly PackedTokens _packed;
    private readonly ReferenceModel? _reference;
    private readonly AnswerSampler _sampler;
    private readonly AnswerRewards _rewards;
    private Rollout[] _rollouts = [];
    private float[] _weights = [];
    private int _update;

    /// <summary>Makes it for a model.</summary>
    private protected PolicyObjective(TrainedModel model, LossRecipe loss, ulong seed, string origin, ICommunicator? ranks)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(loss);
        _model = model;
        Recipe = loss;
        Ranks = ranks ?? SingleProcess.Instance;
        _spans = new SupervisedSpans(model.NeedProcessor(), loss.Supervision());
        _limit = new LengthLimit(model, loss);
        _packed = new PackedTokens(model);
        _reference = loss.Beta > 0 ? new ReferenceModel(model, _packed, origin) : null;
        _sampler = new AnswerSampler(model, loss, seed);
        _rewards = new AnswerRewards(loss);
    }

    /// <inheritdoc/>
    /// <remarks>Where all answers to a question earn the same, there is nothing to learn from them.</remarks>
    public bool MayReachZero => true;

    /// <inheritdoc/>
    public int Updates => Recipe.Iterations;

    /// <summary>The answers of the step.</summary>
    internal IReadOnlyList<Rollout> Rollouts => _rollouts;

    /// <summary>The settings.</summary>
    private protected LossRecipe Recipe { get; }

    /// <summary>The ranks that share each step.</summary>
    private protected ICommunicator Ranks { get; }

    /// <summary>Whether the log-probabilities of the answers are needed before the first update.</summary>
    private protected abstract bool NeedsOld { get; }

    /// <inheritdoc/>
    public TrainingItem? Prepare(DatasetSample sample, ulong draw)
    {
        ArgumentNullException.ThrowIfNull(sample);
        string? reference = SupervisedSpans.Answer(sample);
        _rewards.Check(sample, reference);
        var item = new PromptItem(sample, _spans.PrepareQuestion(sample), reference, draw);
        return _limit.Keep(item, item.Rows + Recipe.AnswerTokens);
    }

    /// <inheritdoc/>
    public void Begin(IReadOnlyList<IReadOnlyList<TrainingItem>> batches, long step, StepMetrics metrics)
    {
        ArgumentNullException.ThrowIfNull(batches);
        ArgumentNullException.ThrowIfNull(metrics);
        _model.EndSteps();
        _update = 0;
        _rollouts = [.. batches.Select(batch => Roll(batch, metrics))];
        Note(metrics);
        Weigh(_rollouts);
    }

    /// <inheritdoc/>
    public double Accumulate(IReadOnlyList<IReadOnlyList<TrainingItem>> batches, long step, StepMetrics metrics)
    {
        ArgumentNullException.ThrowIfNull(batches);
        ArgumentNullException.ThrowIfNull(metrics);
        if (_rollouts.Length != batches.Count)
        {
            throw new InvalidOperationException($"There are answers to {_rollouts.Length} micro-batches, expected {batches.Count}. Call Begin first.");
        }

        Span<double> counts = [_rollouts.Sum(rollout => rollout.Completions.Count), _rollouts.Sum(rollout => (double)rollout.Tokens)];
        Ranks.Sum(counts);
        var whole = new PolicyWeight((long)counts[0], (long)counts[1]);
        double loss = 0;
        for (int i = 0; i < _rollouts.Length; i++)
        {
            if (_rollouts[i].Completions.Count == 0)
            {
                continue;
            }

            using TensorScope scope = TensorScope.Open();
            _model.BeginMicroBatch(step, (((_update * batches.Count) + i) * Ranks.Size) + Ranks.Rank);
            PolicyPass pass = Pass(_packed, _rollouts[i], metrics);
            Tensor part = Loss(_rollouts[i], pass, whole, metrics);
            loss += part.Item();

            // A batch that does not reach what is trained, such as one without pictures for a projector, has no gradient.
            if (part.RequiresGrad)
            {
                Gradients.Backward(part);
            }
        }

        _update++;
        return loss;
    }

    /// <summary>Minus the mean reward of answers to a batch.</summary>
    /// <param name="batch">The questions.</param>
    public double Evaluate(IReadOnlyList<TrainingItem> batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        _model.EndSteps();
        return -_rewards.Of([.. batch.SelectMany(item => _sampler.Answer((PromptItem)item))], null).Average();
    }

    /// <inheritdoc/>
    public void Dispose() => GC.SuppressFinalize(this);

    /// <summary>Finds out how much better than expected each answer was.</summary>
    private protected abstract void Weigh(IReadOnlyList<Rollout> rollouts);

    /// <summary>A micro-batch's part of the loss of the step.</summary>
    private protected abstract Tensor Loss(Rollout rollout, PolicyPass pass, PolicyWeight whole, StepMetrics metrics);

    private Rollout Roll(IReadOnlyList<TrainingItem> items, StepMetrics metrics)
    {
        Completion[] completions = [.. items.SelectMany(item => _sampler.Answer((PromptItem)item))];
        float[] rewards = completions.Length == 0 ? [] : _rewards.Of(completions, metrics);
        var rollout = new Rollout(completions, rewards, Recipe.AnswerTokens);
        if (completions.Length == 0)
        {
            return rollout;
        }

        if (NeedsOld)
        {
            using GradientSwitch off = Gradients.Off();
            using TensorScope scope = TensorScope.Open();
            PolicyPass pass = Pass(_packed, rollout, null);
            rollout.Old = pass.LogProbabilities.Span<float>().ToArray();
            rollout.Values = pass.Values is { } values ? values.Span<float>().ToArray() : [];
        }

        rollout.Reference = _reference?.Ask(packed =>
        {
            using TensorScope scope = TensorScope.Open();
            return Pass(packed, rollout, null, isPolicy: false).LogProbabilities.Span<float>().ToArray();
        });
        return rollout;
    }

    /// <summary>The log-probabilities of the answers' tokens, at the temperature that they are drawn at; and their values.</summary>
    private PolicyPass Pass(PackedTokens packed, Rollout rollout, StepMetrics? metrics, bool isPolicy = true)
    {
        packed.Clear();
        foreach (Completion one in rollout.Completions)
        {
            packed.Add(one.Item.Prompt, one.Item.Prompt.Ids.Count, one.Tokens);
        }

        Tensor hidden = packed.Hidden(), logits = packed.Logits(hidden);
        if (Recipe.Temperature != 1)
        {
            logits = Ops.Scale(logits, (float)(1 / Recipe.Temperature));
        }

        if (metrics is not null)
        {
            NoteEntropy(logits, metrics);
        }

        Tensor losses = Ops.CrossEntropy(logits, packed.Targets(), new CrossEntropyOptions { Reduction = Reduction.None });
        return new PolicyPass(
            rollout.Spread(Ops.Negate(losses)),
            isPolicy && _model.ValueHead is { } head ? rollout.Spread(head.Forward(hidden)) : null);
    }

    /// <summary>The mean entropy of the tokens' probabilities, row by row: a table of them would be as large as the logits.</summary>
    private void NoteEntropy(Tensor logits, StepMetrics metrics)
    {
        int rows = logits.Shape[0], size = logits.Shape[1];
        if (_weights.Length < size)
        {
            _weights = new float[size];
        }

        ReadOnlySpan<float> all = logits.Span<float>();
        Span<float> weights = _weights.AsSpan(0, size);
        double sum = 0;
        for (int row = 0; row < rows; row++)
        {
            // H = log Σ w − Σ w·x / Σ w, with w = e^x and x counted from the greatest.
            ReadOnlySpan<float> own = all.Slice(row * size, size);
            float greatest = TensorPrimitives.Max(own);
            TensorPrimitives.Subtract(own, greatest, weights);
            TensorPrimitives.Exp(weights, weights);
            double total = TensorPrimitives.Sum<float>(weights), mean = TensorPrimitives.Dot<float>(weights, own) / total;
            sum += Math.Log(total) - (mean - greatest);
        }

        metrics.Add("entropy", sum / rows, rows);
    }

    private void Note(StepMetrics metrics)
    {
        float[] rewards = [.. _rollouts.SelectMany(rollout => rollout.Rewards)];
        Span<double> sums = [rewards.Length, rewards.Sum(reward => (double)reward)];
        Ranks.Sum(sums);
        double count = sums[0], mean = sums[1] / count;
        double squares = Ranks.Sum(rewards.Sum(reward => Math.Pow(reward - mean, 2)));
        if (rewards.Length == 0)
        {
            return;
        }

        metrics.Add("reward", mean, rewards.Length);
        metrics.Add("reward_std", Math.Sqrt(squares / Math.Max(1, count - 1)), rewards.Length);
        foreach (Completion one in _rollouts.SelectMany(rollout => rollout.Completions))
        {
            metrics.Add("answer_length", one.Tokens.Count);
            metrics.Add("ended", one.Ended ? 1 : 0);
        }
    }
}
