using Percept.Checkpoints;
using Percept.Conformance;
using Percept.Models;
using Percept.Tensors;
using Percept.Tensors.Autograd;
using Xunit;

namespace Percept.Training.Tests.Losses;

public sealed class HeadCrossEntropyTests
{
    private const int Rows = 37;

    [Theory]
    [InlineData(1, true)]
    [InlineData(5, true)]
    [InlineData(15, true)]
    [InlineData(1, false)]
    [InlineData(5, false)]
    public void PartsGiveTheLossAndTheGradientsOfTheWhole(int rowsAtOnce, bool headLearns)
    {
        ILanguageModel model = Load(out IReadOnlyList<Parameter> parameters, headLearns);
        (float loss, float[][] gradients) = Run(new HeadCrossEntropy(model), model, parameters);
        (float partLoss, float[][] partGradients) = Run(
            new HeadCrossEntropy(model, 4L * model.VocabularySize * rowsAtOnce), model, parameters);
        Assert.Equal(loss, partLoss, 1e-5f);
        Assert.NotEqual(0, loss);
        for (int i = 0; i < gradients.Length; i++)
        {
            float most = gradients[i].Max(MathF.Abs);
            Assert.All(gradients[i].Zip(partGradients[i]), pair => Assert.Equal(pair.First, pair.Second, (2e-5f * most) + 1e-9f));
        }

        using GradientSwitch off = Gradients.Off();
        using TensorScope scope = TensorScope.Open();
        Assert.Equal(loss, Loss(new HeadCrossEntropy(model, 4L * model.VocabularySize * rowsAtOnce), model).Item(), 1e-5f);
    }

    [Fact]
    public void ReductionsThatPartsDoNotHaveAreRefused()
    {
        ILanguageModel model = Load(out _, true);
        var head = new HeadCrossEntropy(model);
        Tensor hidden = Ops.Zeros([2, model.HiddenSize]);
        Assert.Contains("Mean", Assert.Throws<ArgumentException>(() => head.Loss(hidden, [1, 2], new CrossEntropyOptions())).Message, StringComparison.Ordinal);
        Assert.Contains("3 targets", Assert.Throws<ArgumentException>(
            () => head.Loss(hidden, [1, 2, 3], new CrossEntropyOptions { Reduction = Reduction.Sum })).Message, StringComparison.Ordinal);
    }

    private static ILanguageModel Load(out IReadOnlyList<Parameter> parameters, bool headLearns)
    {
        string folder = Path.Combine(
            CaseFinder.FindCopies() ?? throw new DirectoryNotFoundException("tests/goldens"), "text", "llama", "default", "checkpoint");
        LoadedModel loaded = ModelLoader.Load(folder, new LoadOptions { Trains = name => headLearns || name.Name.Contains("layers", StringComparison.Ordinal) });
        parameters = loaded.Report.Trained;
        return loaded.As<ILanguageModel>();
    }

    private static (float Loss, float[][] Gradients) Run(HeadCrossEntropy head, ILanguageModel model, IReadOnlyList<Parameter> parameters)
    {
        using TensorScope scope = TensorScope.Open();
        Tensor loss = Loss(head, model);
        float value = loss.Item();
        Gradients.Backward(loss);
        float[][] gradients = [.. parameters.Select(parameter => parameter.Value.Grad is { } grad ? grad.ToArray<float>() : [0f])];
        foreach (Parameter parameter in parameters)
        {
            parameter.Value.ZeroGrad();
        }

        return (value, gradients);
    }

    private static Tensor Loss(HeadCrossEntropy head, ILanguageModel model)
    {
        int[] ids = [.. Enumerable.Range(0, Rows).Select(i => (i * 7 % 40) + 3)];
        var batch = new SequenceBatch();
        batch.Add(Rows);
        Tensor hidden = model.Forward(model.Embed(Tensor.From(ids, [Rows])), batch);
        int[] targets = [.. ids.Skip(1), -100];
        return head.Loss(hidden, targets, new CrossEntropyOptions { Reduction = Reduction.Sum, Divisor = Rows - 1, LabelSmoothing = 0.1f });
    }
}
