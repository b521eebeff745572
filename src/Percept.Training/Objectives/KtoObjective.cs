using Percept.Data;
using Percept.Tensors;
using Percept.Tensors.Autograd;

namespace Percept.Training;

/// <summary>
/// Learns from single answers that are good or bad (KTO, Ethayarajh et al., 2024): how much likelier than to the reference an answer became
/// is weighed against how much likelier the answers to other questions did. Each answer of a step counts alike.
/// </summary>
public sealed class KtoObjective : SummedObjective
{
    private readonly TrainedModel _model;
    private readonly SupervisedSpans _spans;
    private readonly LengthLimit _limit;
    private readonly PackedTokens _packed;
    private readonly ReferenceModel _reference;
    private readonly KtoOptions _options;
    private readonly ICommunicator _ranks;
    private double _divergence;

    /// <summary>Makes it for a model.</summary>
    /// <param name="model">A language model or a multimodal one, with its processor.</param>
    /// <param name="loss">The recipe's settings.</param>
    /// <param name="origin">The folder of the model as it was before training.</param>
    /// <param name="ranks">The ranks that share each step; null for this process alone.</param>
    /// <exception cref="NotSupportedException">The model writes no text, or there is no processor.</exception>
    public KtoObjective(TrainedModel model, LossRecipe loss, string origin, ICommunicator? ranks = null)
        : base(model, ranks)
    {
        ArgumentNullException.ThrowIfNull(loss);
        _ranks = ranks ?? SingleProcess.Instance;
        _model = model;
        _spans = new SupervisedSpans(model.NeedProcessor(), new SupervisionOptions { MaskHistory = true, ClipFrames = loss.ClipFrames });
        _limit = new LengthLimit(model, loss);
        _packed = new PackedTokens(model);
        _reference = new ReferenceModel(model, _packed, origin);
        _options = new KtoOptions
        {
            Beta = (float)loss.Beta,
            DesirableWeight = (float)loss.DesirableWeight,
            UndesirableWeight = (float)loss.UndesirableWeight,
        };
    }

    /// <inheritdoc/>
    public override TrainingItem? Prepare(DatasetSample sample, ulong draw)
    {
        ArgumentNullException.ThrowIfNull(sample);
        if (sample.IsDesirable is not { } isDesirable)
        {
            throw new InvalidDataException(
                $"{sample} does not say whether its answer is good: expected 'kto_tag' with true or false. Add it, or take another formula.");
        }

        var item = new JudgedItem(sample, _spans.Prepare(sample), isDesirable, draw);
        return _limit.Keep(item, item.Rows);
    }

    /// <inheritdoc/>
    public override void Begin(IReadOnlyList<IReadOnlyList<TrainingItem>> batches, long step, StepMetrics metrics)
    {
        ArgumentNullException.ThrowIfNull(batches);
        ArgumentNullException.ThrowIfNull(metrics);
        _model.EndSteps();
        _divergence = DivergenceOf([.. batches.SelectMany(batch => batch)], batches.Count == 0 ? 1 : batches.Max(batch => batch.Count), _ranks);
        metrics.Add("kl", _divergence);
    }

    /// <inheritdoc/>
    public override double Evaluate(IReadOnlyList<TrainingItem> batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        _model.EndSteps();
        _divergence = DivergenceOf(batch, batch.Count, SingleProcess.Instance);
        return base.Evaluate(batch);
    }

    /// <inheritdoc/>
    protected override Tensor Loss(IReadOnlyList<TrainingItem> items, StepWeight whole, StepMetrics? metrics)
    {
        void Own(PackedTokens packed)
        {
            for (int i = 0; i < items.Count; i++)
            {
                packed.Add(((JudgedItem)items[i]).Answered);
            }
        }

        Tensor before = _reference.Ask(packed => Sums(packed, Own)), now = Sums(_packed, Own);
        bool[] desirable = [.. items.Select(item => ((JudgedItem)item).IsDesirable)];
        (Tensor loss, _) = PreferenceLosses.Kto(now, before, desirable, _divergence, _options);
        if (metrics is not null)
        {
            for (int i = 0; i < desirable.Length; i++)
            {
                double reward = _options.Beta * (now.Span<float>()[i] - before.Span<float>()[i]);
                metrics.Add(desirable[i] ? "reward_desirable" : "reward_undesirable", reward);
            }
        }

        return Ops.Scale(loss, (float)(items.Count / whole.Items));
    }

    /// <summary>
    /// How much likelier answers to other questions became: each question with the answer of the next one, the last with the first's.
    /// Taken over the whole step, so that it does not depend on how the step is cut and shared.
    /// </summary>
    private double DivergenceOf(IReadOnlyList<TrainingItem> items, int atOnce, ICommunicator ranks)
    {
        (int[][] others, int count) = OtherAnswers(items, ranks);
        if (count < 2)
        {
            return 0;
        }

        using GradientSwitch off = Gradients.Off();
        double sum = 0;
        for (int start = 0; start < items.Count; start += atOnce)
        {
            using TensorScope scope = TensorScope.Open();
            int from = start, end = Math.Min(items.Count, start + atOnce);
            void Mismatched(PackedTokens packed)
            {
                for (int i = from; i < end; i++)
                {
                    SupervisedPrompt question = ((JudgedItem)items[i]).Answered.Conversation;

                    // Together they may be longer than any sample; the end of the answer is left out then.
                    int room = Math.Max(1, _limit.Most - question.Spans[0].Start);
                    packed.Add(question.Prompt, question.Spans[0].Start, [.. others[i].Take(room)]);
                }
            }

            ReadOnlySpan<float> before = _reference.Ask(packed => Sums(packed, Mismatched)).Span<float>();
            ReadOnlySpan<float> now = Sums(_packed, Mismatched).Span<float>();
            for (int i = 0; i < now.Length; i++)
            {
                sum += (double)now[i] - before[i];
            }
        }

        return PreferenceLosses.KtoDivergence(Ops.Full([1], (float)(ranks.Sum(sum) / count)));
    }

    /// <summary>For each item the answer to the next question of the step, which another rank may have; and how many questions there are.</summary>
    private static (int[][] Answers, int Count) OtherAnswers(IReadOnlyList<TrainingItem> items, ICommunicator ranks)
    {
        RankItem[] step = [.. RankItem.Gather(ranks, items.Cast<JudgedItem>().Select(AnswerOf)).OrderBy(one => one.Draw)];
        static (ulong Draw, int[] Ids) AnswerOf(JudgedItem item)
        {
            SupervisedPrompt conversation = item.Answered.Conversation;
            (int first, int last) = conversation.Spans[0];
            return (item.Draw, [.. conversation.Prompt.Ids.Take(last).Skip(first)]);
        }

        int[][] answers = new int[items.Count][];
        for (int i = 0; i < step.Length; i++)
        {
            if (step[i].Own is { } own)
            {
                answers[own] = step[(i + 1) % step.Length].Ids;
            }
        }

        return (answers, step.Length);
    }

    /// <summary>The log-probabilities of answers: float32 [answers].</summary>
    private static Tensor Sums(PackedTokens packed, Action<PackedTokens> fill)
    {
        packed.Clear();
        fill(packed);
        return packed.Sums(packed.TokenLosses(), 0, packed.Ends.Count);
    }
}
