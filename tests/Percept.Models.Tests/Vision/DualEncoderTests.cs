using Percept.Models.Tests.Support;
using Percept.Tensors;
using Percept.Tensors.Autograd;
using Xunit;

namespace Percept.Models.Tests.Vision;

public class DualEncoderTests
{
    [Fact]
    public void TheSoftmaxLossIsTheMeanOfBothSides()
    {
        Tensor logits = Tensor.From([2f, 0f, -1f, 1f, 3f, 0.5f, 0f, 0f, 1f], [3, 3]);
        double rows = 0, columns = 0;
        float[] values = logits.ToArray<float>();
        for (int i = 0; i < 3; i++)
        {
            rows -= values[4 * i] - Math.Log(Enumerable.Range(0, 3).Sum(j => Math.Exp(values[(3 * i) + j])));
            columns -= values[4 * i] - Math.Log(Enumerable.Range(0, 3).Sum(j => Math.Exp(values[(3 * j) + i])));
        }

        Assert.Equal((rows + columns) / 6, ContrastiveLoss.Softmax(logits).Item(), 1e-6);
        Assert.Equal(rows / 3, ContrastiveLoss.OfRows(logits).Item(), 1e-6);
    }

    [Fact]
    public void TheSigmoidLossJudgesEachPair()
    {
        Tensor logits = Tensor.From([2f, -1f, 0.5f, -3f], [2, 2]);
        double want = (Soft(-2) + Soft(-1) + Soft(0.5) + Soft(3)) / 2;
        Assert.Equal(want, ContrastiveLoss.Sigmoid(logits).Item(), 1e-6);

        static double Soft(double x) => Math.Log(1 + Math.Exp(x));
    }

    [Fact]
    public void APictureWithoutATextOfItsOwnHasNoLoss() =>
        Assert.Throws<ShapeException>(() => ContrastiveLoss.Softmax(Ops.Zeros([2, 3])));

    [Fact]
    public void EmbeddingsHaveLengthOneAndLogitsAreScaledCosines()
    {
        using GradientSwitch off = Gradients.Off();
        var model = (DualEncoder)GoldenCheckpoints.Load("encoders/clip/zeroshot-retrieval");
        Tensor images = model.EmbedImages(new VisionInput(GoldenCheckpoints.Pixels(2, 16, 16)));
        Tensor texts = model.EmbedTexts(Tensor.From([0L, 5L, 90L, 0L, 7L, 90L, 0L, 8L, 90L], [3, 3]));
        foreach (Tensor rows in (Tensor[])[images, texts])
        {
            Assert.All(Ops.Norm(rows).ToArray<float>(), length => Assert.Equal(1f, length, 1e-5f));
        }

        Tensor logits = model.Logits(images, texts);
        Assert.Equal([2, 3], logits.Shape.Sizes.ToArray());
        float[] sums = Ops.Sum(model.Probabilities(logits), 1).ToArray<float>();
        Assert.All(sums, sum => Assert.Equal(1f, sum, 1e-5f));
        Assert.False(model.JudgesPairs);
    }

    [Fact]
    public void TextsAreNotLongerThanThereArePositions()
    {
        using GradientSwitch off = Gradients.Off();
        var model = (ITextTower)GoldenCheckpoints.Load("encoders/clip/text-projection");
        Assert.Throws<ShapeException>(() => model.EncodeText(Tensor.From(new long[15], [1, 15])));
        Assert.Throws<ShapeException>(
            () => model.EncodeText(Tensor.From(new long[8], [2, 4]), Tensor.From(new long[4], [1, 4])));
    }

    [Fact]
    public void TheTextEndsAtItsFirstEndToken()
    {
        using GradientSwitch off = Gradients.Off();
        var model = (ITextTower)GoldenCheckpoints.Load("encoders/clip/text-projection");

        // 95 is a higher number than the end token 90; tokens behind the first end don't count; no end at all means place 0.
        Tensor ids = Tensor.From([3L, 95L, 90L, 90L, 3L, 95L, 90L, 7L, 3L, 95L, 4L, 7L], [3, 4]);
        TextTowerOutput output = model.EncodeText(ids);
        Tensor states = output.LastHiddenState, pooled = output.Pooled!.Value;
        int[] places = [2, 2, 0];
        for (int i = 0; i < 3; i++)
        {
            Compare.Same(Ops.Reshape(Ops.Narrow(states.Rows(i, 1), 1, places[i], 1), [1, 18]), pooled.Rows(i, 1));
        }

        Compare.Close(pooled.Rows(0, 1), pooled.Rows(1, 1), 1e-6);
    }
}
