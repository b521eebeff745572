using Percept.Checkpoints;
using Percept.Data;
using Percept.Models;
using Percept.Tensors;
using Percept.Tensors.Autograd;
using Percept.Text;

namespace Percept.Training;

/// <summary>
/// Learns what a teacher finds likely at each supervised token (Hinton et al., 2015), mixed with the cross entropy of the token itself.
/// Each token of a step counts alike.
/// </summary>
/// <remarks>
/// The teacher is frozen and read where it lies in the file. It takes each conversation through its own processor, so that it may have
/// another chat template, and other pictures' sizes, than the student; the answers must be the same tokens.
/// </remarks>
public sealed class DistillationObjective : SummedObjective
{
    private static readonly Dictionary<string, DistillationDirection> s_directions = new(StringComparer.Ordinal)
    {
        ["forward"] = DistillationDirection.Forward,
        ["reverse"] = DistillationDirection.Reverse,
        ["jensen_shannon"] = DistillationDirection.JensenShannon,
    };

    private readonly SupervisedSpans _spans;
    private readonly SupervisedSpans _teacherSpans;
    private readonly LengthLimit _limit;
    private readonly LengthLimit _teacherLimit;
    private readonly PackedTokens _packed;
    private readonly PackedTokens _teacher;
    private readonly DistillationOptions _options;

    /// <summary>Makes it for a model.</summary>
    /// <param name="model">The student: a language model or a multimodal one, with its processor.</param>
    /// <param name="loss">The recipe's settings.</param>
    /// <param name="ranks">The ranks that share each step; null for this process alone.</param>
    /// <exception cref="NotSupportedException">One of the models writes no text, or has no processor.</exception>
    /// <exception cref="InvalidDataException">Student and teacher have other vocabularies.</exception>
    public DistillationObjective(TrainedModel model, LossRecipe loss, ICommunicator? ranks = null)
        : base(model, ranks)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(loss);
        TrainedModel teacher = TrainedModel.LoadFrozen(ModelLocator.Resolve(loss.Teacher!));
        CheckVocabularies(model, teacher);
        SupervisionOptions supervision = loss.Supervision();
        _spans = new SupervisedSpans(model.NeedProcessor(), supervision);
        _teacherSpans = new SupervisedSpans(teacher.NeedProcessor(), supervision);
        _limit = new LengthLimit(model, loss);
        _teacherLimit = new LengthLimit(teacher, loss);
        _packed = new PackedTokens(model);
        _teacher = new PackedTokens(teacher);
        _options = new DistillationOptions
        {
            Direction = s_directions[loss.Divergence],
            Temperature = loss.Temperature,
            Beta = loss.Beta,
            DivergenceWeight = loss.DivergenceWeight,
            LabelWeight = loss.LabelWeight,
            IgnoreIndex = SupervisedPrompt.Ignored,
        };
    }

    /// <summary>The divergences that a recipe may name.</summary>
    public static IReadOnlyList<string> Divergences { get; } = [.. s_directions.Keys];

    /// <inheritdoc/>
    public override bool MayReachZero => _options.LabelWeight == 0;

    /// <inheritdoc/>
    public override TrainingItem? Prepare(DatasetSample sample, ulong draw)
    {
        SupervisedPrompt student = _spans.Prepare(sample), teacher;
        try
        {
            teacher = _teacherSpans.Prepare(sample);
        }
        catch
        {
            student.Dispose();
            throw;
        }

        var item = new DistillationItem(sample, student, teacher);
        if (!Learned(student).SequenceEqual(Learned(teacher)))
        {
            item.Dispose();
            throw new InvalidDataException(
                $"{sample}: the teacher's chat template ends or writes answers otherwise than the student's: {item.Teacher.Learned} learned " +
                $"tokens, expected the same {item.Student.Learned}. Give both folders the same chat template.");
        }

        return _limit.Keep(item, item.Student.Rows) is null ? null : _teacherLimit.Keep(item, item.Teacher.Rows);
    }

    /// <inheritdoc/>
    protected override Tensor Loss(IReadOnlyList<TrainingItem> items, StepWeight whole, StepMetrics? metrics)
    {
        Tensor wanted = TeacherLogits(items);
        _packed.Clear();
        for (int i = 0; i < items.Count; i++)
        {
            _packed.Add(((DistillationItem)items[i]).Student);
        }

        Tensor logits = _packed.Logits(), targets = _packed.Targets();
        Tensor loss = Distillation.Loss(logits, wanted, _options, targets);
        if (metrics is not null)
        {
            Note(logits, wanted, metrics);
        }

        float share = (float)(_packed.Count / whole.Items);
        loss = Ops.Scale(loss, share);
        return _packed.BalanceLoss() is { } balance ? Ops.Add(loss, Ops.Scale(balance, share)) : loss;
    }

    private static void CheckVocabularies(TrainedModel student, TrainedModel teacher)
    {
        int own = student.NeedLanguage().VocabularySize, other = teacher.NeedLanguage().VocabularySize;
        const string Next = "Take a teacher of the same family, whose tokens are the student's.";
        if (own != other)
        {
            throw new InvalidDataException(
                $"loss.teacher: '{teacher.Folder}' has a vocabulary of {other} tokens, expected {own} as '{student.Folder}' has. {Next}");
        }

        Tokenizer mine = student.NeedProcessor().Tokenizer.Tokenizer, its = teacher.NeedProcessor().Tokenizer.Tokenizer;
        for (int id = 0; id < Math.Max(mine.VocabularySize, its.VocabularySize); id++)
        {
            if (mine.IdToToken(id) != its.IdToToken(id))
            {
                throw new InvalidDataException(
                    $"loss.teacher: token {id} of '{teacher.Folder}' is '{its.IdToToken(id) ?? "none"}', expected " +
                    $"'{mine.IdToToken(id) ?? "none"}' as in '{student.Folder}'. {Next}");
            }
        }
    }

    /// <summary>How often both find the same token the most likely one.</summary>
    private static void Note(Tensor student, Tensor teacher, StepMetrics metrics)
    {
        int size = student.Shape[1];
        ReadOnlySpan<float> own = student.Span<float>(), other = teacher.Span<float>();
        for (int i = 0; i < student.Shape[0]; i++)
        {
            int mine = System.Numerics.Tensors.TensorPrimitives.IndexOfMax(own.Slice(i * size, size));
            int its = System.Numerics.Tensors.TensorPrimitives.IndexOfMax(other.Slice(i * size, size));
            metrics.Add("agreement", mine == its ? 1 : 0);
        }
    }

    private static IEnumerable<int> Learned(SupervisedPrompt prompt) =>
        prompt.Labels.Skip(1).Where(label => label != SupervisedPrompt.Ignored);

    private Tensor TeacherLogits(IReadOnlyList<TrainingItem> items)
    {
        using GradientSwitch off = Gradients.Off();
        _teacher.Clear();
        for (int i = 0; i < items.Count; i++)
        {
            _teacher.Add(((DistillationItem)items[i]).Teacher);
        }

        return _teacher.Logits();
    }
}
