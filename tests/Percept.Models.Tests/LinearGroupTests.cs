using Percept.Tensors;
using Percept.Tensors.Autograd;
using Xunit;

namespace Percept.Models.Tests;

/// <summary>Layers stored as one give what layers stored apart give, and their gradient reaches the weight that is stored.</summary>
public class LinearGroupTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void FusedLayersAreTheirParts(bool recorded)
    {
        using TensorScope scope = TensorScope.Open();
        Linear whole = Whole(9);
        Check(LinearGroup.Fused(whole, 4, 2, 3), whole, [[0, 1, 2, 3], [4, 5], [6, 7, 8]], recorded);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void LayersInTurnsAreTheirParts(bool recorded)
    {
        using TensorScope scope = TensorScope.Open();
        Linear whole = Whole(10);
        LinearGroup group = LinearGroup.InTurns(whole, 2, 2, 1, 2);
        Assert.Equal([4, 2, 4], Enumerable.Range(0, group.Count).Select(group.Outputs));
        Check(group, whole, [[0, 1, 5, 6], [2, 7], [3, 4, 8, 9]], recorded);
    }

    private static Linear Whole(int outputs)
    {
        var random = new RandomStream(4);
        return new Linear(Ops.RandomNormal([outputs, 6], random), Ops.RandomNormal([outputs], random));
    }

    private static void Check(LinearGroup group, Linear whole, int[][] rows, bool recorded)
    {
        Tensor input = Ops.RandomNormal([3, 6], new RandomStream(5));
        whole.Weight.RequireGrad(recorded);
        if (recorded)
        {
            Gradients.Backward(Ops.Sum(CheckValues(group, whole, input, rows)));
            float[] numbers = input.ToArray<float>(), gradient = whole.Weight.Grad!.Value.ToArray<float>();
            float[] sums = [.. Enumerable.Range(0, 6).Select(column => numbers[column] + numbers[6 + column] + numbers[12 + column])];
            for (int row = 0; row < whole.Weight.Shape[0]; row++)
            {
                Runs.Same(rows[1].Contains(row) ? sums : new float[6], gradient[(row * 6)..((row + 1) * 6)], 1e-5f);
            }

            return;
        }

        using GradientSwitch off = Gradients.Off();
        CheckValues(group, whole, input, rows);
    }

    /// <summary>Compares the outputs; gives those of the second layer.</summary>
    private static Tensor CheckValues(LinearGroup group, Linear whole, Tensor input, int[][] rows)
    {
        Span<Tensor> parts = [default, default, default];
        group.Forward(input, parts);
        Tensor all = whole.Forward(input);
        for (int part = 0; part < rows.Length; part++)
        {
            Tensor expected = Ops.IndexSelect(all, Tensor.From(rows[part], [rows[part].Length]), 1);
            Runs.Same(expected.ToArray<float>(), parts[part].ToArray<float>(), 1e-6f);
        }

        return parts[1];
    }
}
