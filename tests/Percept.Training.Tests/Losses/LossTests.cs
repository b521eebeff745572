using Percept.Models;
using Percept.Tensors;
using Percept.Tensors.Autograd;
using Xunit;

namespace Percept.Training.Tests;

/// <summary>What golden cases do not reach; the numbers of the losses are compared there.</summary>
public sealed class LossTests
{
    [Fact]
    public void TokensOfEqualWeightGiveThePlainLoss()
    {
        (Tensor logits, Tensor labels) = Batch();
        Tensor plain = Ops.CausalLanguageModelLoss(logits, labels);
        Tensor weighted = LanguageModelLoss.Weighted(logits, labels, Ops.Full([3, 5], 0.7f));
        Assert.Equal(plain.Item(), weighted.Item(), 1e-6f);
    }

    [Fact]
    public void MicroBatchesOverTheWholeWeightAddUpToTheWholeBatch()
    {
        (Tensor logits, Tensor labels) = Batch();
        Tensor weights = Ops.RandomUniform([3, 5], new RandomStream(8), 0.1f, 2f);
        logits.RequireGrad();
        Tensor whole = LanguageModelLoss.Weighted(logits, labels, weights);
        float expected = whole.Item();
        Gradients.Backward(whole);
        float[] gradient = logits.Grad!.Value.ToArray<float>();
        logits.ZeroGrad();

        // The weights of labels that count: not the first place of a row, which no logit stands for, nor ignored ones.
        long[] ids = labels.ToArray<long>();
        double total = weights.ToArray<float>().Where((_, i) => i % 5 != 0 && ids[i] != -100).Sum(weight => (double)weight);
        double sum = 0;
        for (int row = 0; row < 3; row++)
        {
            Tensor part = LanguageModelLoss.Weighted(
                Ops.Narrow(logits, 0, row, 1), labels.Rows(row, 1), weights.Rows(row, 1), total);
            sum += part.Item();
            Gradients.Backward(part);
        }

        Assert.Equal(expected, sum, 1e-5);
        OptimizerTests.AssertClose(gradient, logits.Grad!.Value.ToArray<float>(), 1e-6f);
    }

    [Fact]
    public void SequencesCountTheirLabels()
    {
        (Tensor logits, Tensor labels) = Batch();
        SequenceLogProbabilities logs = SequenceLogProbabilities.Of(logits, labels);
        long[] ids = labels.ToArray<long>();
        for (int row = 0; row < 3; row++)
        {
            int count = Enumerable.Range(1, 4).Count(i => ids[(row * 5) + i] != -100);
            Assert.Equal(count, logs.Lengths.ToArray<float>()[row]);
        }

        Tensor ignored = Tensor.From(Enumerable.Repeat(-100L, 15).ToArray(), [3, 5]);
        SequenceLogProbabilities none = SequenceLogProbabilities.Of(logits, ignored);
        Assert.Equal([0f, 0f, 0f], none.Average.ToArray<float>());
    }

    [Fact]
    public void BoxesOfBothFormatsHaveTheSameOverlap()
    {
        Tensor centred = Tensor.From([0.5f, 0.5f, 0.4f, 0.2f, 0.1f, 0.1f, 0.1f, 0.1f], [2, 4]);
        Tensor corners = Tensor.From([0.3f, 0.4f, 0.7f, 0.6f, 0.05f, 0.05f, 0.15f, 0.15f], [2, 4]);
        float[] first = DetectionLosses.GiouMatrix(centred, centred).ToArray<float>();
        float[] other = DetectionLosses.GiouMatrix(corners, corners, BoxFormat.Corners).ToArray<float>();
        OptimizerTests.AssertClose(first, other, 1e-5f);

        // Hull 0.65 · 0.55, union 0.08 + 0.01, nothing shared.
        double hull = 0.65 * 0.55;
        OptimizerTests.AssertClose([1, (float)(-(hull - 0.09) / hull), (float)(-(hull - 0.09) / hull), 1], first, 1e-5f);
    }

    [Fact]
    public void SupervisedContrastNeedsPairs()
    {
        Tensor features = Ops.L2Normalize(Ops.RandomNormal([3, 4], new RandomStream(1)));
        Assert.Throws<ArgumentException>(() => ContrastiveLosses.Supervised(features, Tensor.From([0, 1, 2], [3]), 0.1f));

        // A row without a partner is no anchor, yet others are told from it.
        float loss = ContrastiveLosses.Supervised(features, Tensor.From([0, 0, 2], [3]), 0.5f).Item();
        float[] f = features.ToArray<float>();
        double Cosine(int a, int b) => Enumerable.Range(0, 4).Sum(i => (double)f[(a * 4) + i] * f[(b * 4) + i]) / 0.5;
        double expected =
            0.5 * ((Log(Cosine(0, 1), Cosine(0, 2)) - Cosine(0, 1)) + (Log(Cosine(1, 0), Cosine(1, 2)) - Cosine(1, 0)));
        Assert.Equal(expected, loss, 1e-5);
        static double Log(double a, double b) => Math.Log(Math.Exp(a) + Math.Exp(b));
    }

    [Fact]
    public void AQueueTakesNoMoreThanItHolds()
    {
        using var queue = new FeatureQueue(Ops.Zeros([3, 2]));
        Assert.Throws<ShapeException>(() => queue.Add(Ops.Zeros([4, 2])));
        Assert.Throws<ShapeException>(() => queue.Add(Ops.Zeros([1, 3])));
        queue.Add(Ops.Ones([3, 2]));
        Assert.Equal(0, queue.Pointer);
        Assert.All(queue.Rows.ToArray<float>(), value => Assert.Equal(1, value));
    }

    [Fact]
    public void TubeletsAreNormalisedByChannel()
    {
        Tensor tubelets = Ops.RandomNormal([2, 3, 8, 3], new RandomStream(2));
        float[] x = tubelets.ToArray<float>();
        float[] got = MaskedPatchLoss.NormalisedByChannel(tubelets).ToArray<float>();
        for (int group = 0; group < 6; group++)
        {
            for (int channel = 0; channel < 3; channel++)
            {
                int At(int pixel) => (((group * 8) + pixel) * 3) + channel;
                double mean = Enumerable.Range(0, 8).Average(i => (double)x[At(i)]);
                double deviation = Math.Sqrt(Enumerable.Range(0, 8).Sum(i => Math.Pow(x[At(i)] - mean, 2)) / 7);
                for (int i = 0; i < 8; i++)
                {
                    Assert.Equal((x[At(i)] - mean) / (deviation + 1e-6), got[At(i)], 1e-5);
                }
            }
        }
    }

    [Fact]
    public void PreferencesCheckTheirSettings()
    {
        var pairs = new CompletionPairs(Tensor.From([-3f, -4f], [2]), Tensor.From([-5f, -1f], [2]));
        void Dpo(PreferenceOptions options) => PreferenceLosses.Dpo(pairs, null, options);
        Assert.Throws<ArgumentException>(() => Dpo(new PreferenceOptions { LabelSmoothing = 0.5f }));
        Assert.Throws<ArgumentException>(() => Dpo(new PreferenceOptions { Kind = PreferenceKind.Ipo }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Dpo(new PreferenceOptions { Beta = 0 }));
        Assert.Throws<ArgumentException>(() => PreferenceLosses.Kto(pairs.Chosen, pairs.Rejected, [true], 0));
    }

    [Fact]
    public void GroupsOfRewardsMustBeWhole()
    {
        Assert.Throws<ArgumentException>(() => PolicyAdvantages.OfGroups(Ops.Zeros([5]), 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => PolicyAdvantages.LeaveOneOut(Ops.Zeros([5]), 1));
        Assert.Equal([-2f, 2f], PolicyAdvantages.LeaveOneOut(Tensor.From([1f, 3f], [2]), 2).ToArray<float>());
    }

    private static (Tensor Logits, Tensor Labels) Batch()
    {
        Tensor logits = Ops.RandomNormal([3, 5, 7], new RandomStream(4));
        long[] labels = [.. Enumerable.Range(0, 15).Select(i => i % 4 == 2 ? -100L : i * 5 % 7)];
        return (logits, Tensor.From(labels, [3, 5]));
    }
}
