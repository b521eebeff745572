using Percept.Checkpoints;
using Percept.Tensors;
using Percept.Tensors.Autograd;
using Percept.Tensors.Threading;
using Xunit;

namespace Percept.Training.Tests;

public sealed class MuonTests
{
    [Theory]
    [InlineData(1, false)]
    [InlineData(2, true)]
    public void AStepOfAMatrixHasOrthogonalRowsOrColumns(int matrix, bool wide)
    {
        var weights = new Weights();
        Tensor before = Ops.Clone(Ops.Detach(weights.All[matrix].Value));
        using var optimizer = new Muon(weights.OneGroup, new MuonOptions { WeightDecay = 0 });
        weights.SetGradients(0);
        optimizer.Step(1);
        Tensor step = Ops.Subtract(before, weights.All[matrix].Value);
        double rows = before.Shape[0], columns = before.Shape[1];
        step = Ops.Scale(step, (float)(1 / Math.Sqrt(Math.Max(1, rows / columns))));
        Tensor gram = Ops.MatMul(step, step, transposeA: !wide, transposeB: wide);
        int side = gram.Shape[0];
        Assert.Equal(Math.Min((int)rows, (int)columns), side);
        float[] values = gram.ToArray<float>();
        for (int i = 0; i < values.Length; i++)
        {
            // The iteration brings singular values to between about 0.7 and 1.2.
            (float low, float high) = i % (side + 1) == 0 ? (0.4f, 1.5f) : (-0.35f, 0.35f);
            Assert.InRange(values[i], low, high);
        }
    }

    [Theory]
    [InlineData(40, 24)]
    [InlineData(24, 40)]
    [InlineData(32, 32)]
    public void RoundedProductsGiveNearlyTheSameStep(int rows, int columns)
    {
        Tensor[] steps = [.. new[] { LinearPrecision.Exact, LinearPrecision.Mixed }.Select(precision =>
        {
            var weight = new Parameter("w", "file.w", Ops.Zeros([rows, columns]).RequireGrad());
            using var optimizer = new Muon([new ParameterGroup([weight])], new MuonOptions { WeightDecay = 0 }) { Precision = precision };
            Gradients.Backward(Ops.Sum(Ops.Multiply(weight.Value, Ops.RandomNormal([rows, columns], new RandomStream(3)))));
            optimizer.Step(1);
            return Ops.Detach(weight.Value);
        })];
        double difference = Math.Sqrt(Ops.SumOfSquares(Ops.Subtract(steps[0], steps[1])) / Ops.SumOfSquares(steps[0]));
        Assert.InRange(difference, 0, 0.03);
    }

    [Fact]
    public void MatricesMovedSideBySideMoveAsOneAfterTheOther()
    {
        float[][][] results = [.. new[] { 1, 0 }.Select(threads =>
        {
            try
            {
                WorkerPool.ThreadLimit = threads;
                (int Rows, int Columns)[] shapes = [(40, 24), (24, 40), (96, 96), (8, 200), (64, 32)];
                Parameter[] matrices = [.. shapes.Select((shape, i) => new Parameter(
                    $"w{i}", $"file.w{i}", Ops.RandomNormal([shape.Rows, shape.Columns], new RandomStream((ulong)i)).RequireGrad()))];
                using var optimizer = new Muon([new ParameterGroup(matrices)], new MuonOptions { MatchAdam = true });
                for (int step = 0; step < 3; step++)
                {
                    foreach (Parameter matrix in matrices)
                    {
                        // The last one has no gradient in the second step, and stays.
                        if (step != 1 || matrix != matrices[^1])
                        {
                            Gradients.Backward(Ops.Sum(Ops.Multiply(matrix.Value, matrix.Value)));
                        }
                    }

                    optimizer.Step(0.1, 0.5);
                    optimizer.ZeroGradients();
                }

                return matrices.Select(matrix => matrix.Value.ToArray<float>()).ToArray();
            }
            finally
            {
                WorkerPool.ThreadLimit = 0;
            }
        })];
        Assert.Equal(results[0], results[1]);
        Assert.DoesNotContain(results[0].SelectMany(values => values), float.IsNaN);
    }

    [Fact]
    public void WeightsThatAreNoMatricesAndGroupsThatSaySoTakeStepsOfAdam()
    {
        Weights muon = new(), adam = new();
        ParameterGroup[] Groups(Weights weights) =>
        [
            new([weights.All[0], weights.All[3]]) { WeightDecay = 0.2 },
            new([weights.All[1]]) { Orthogonalises = false, WeightDecay = 0.2 },
            new([weights.All[2]]) { WeightDecay = 0.2 },
        ];
        using var first = new Muon(Groups(muon));
        using var second = new Adam(Groups(adam));
        for (int step = 0; step < 3; step++)
        {
            muon.SetGradients(step);
            adam.SetGradients(step);
            first.Step(0.01);
            second.Step(0.01);
        }

        Assert.Equal(adam.Values()[0], muon.Values()[0]);
        Assert.Equal(adam.Values()[1], muon.Values()[1]);
        Assert.Equal(adam.Values()[3], muon.Values()[3]);
        Assert.NotEqual(adam.Values()[2], muon.Values()[2]);
        Assert.Contains("w2.momentum_buffer", first.StateTensors().Keys);
        Assert.Contains("w1.exp_avg", first.StateTensors().Keys);
    }
}
