using Percept.Tensors.Autograd;
using Xunit;

namespace Percept.Tensors.Tests;

/// <summary>Compares an op's output and gradients with a reference computed in double.</summary>
internal static class GradientCheck
{
    /// <summary>
    /// Checks <paramref name="op"/> against <paramref name="reference"/>: outputs directly, gradients by central differences
    /// of the reference with a random upstream gradient.
    /// </summary>
    /// <param name="op">The op under test.</param>
    /// <param name="reference">The same function in double, on flat row-major arrays; returns the flat output.</param>
    /// <param name="inputs">The inputs; all of them are checked for gradients.</param>
    /// <param name="tolerance">Relative to the largest magnitude in each compared array.</param>
    /// <param name="probes">How many elements of each input are probed at most.</param>
    internal static void Run(
        Func<Tensor[], Tensor> op,
        Func<double[][], double[]> reference,
        (float[] Values, int[] Shape)[] inputs,
        double tolerance = 2e-4,
        int probes = 40)
    {
        Tensor[] tensors = [.. inputs.Select(i => Tensor.From(i.Values, Shape.Create(i.Shape)).RequireGrad())];
        double[][] values = [.. inputs.Select(i => i.Values.Select(v => (double)v).ToArray())];

        Tensor output = op(tensors);
        double[] expected = reference(values);
        AssertClose(expected, output.ToArray<float>(), tolerance, "output");

        var random = new RandomStream(99);
        float[] upstream = new float[expected.Length];
        random.FillNormal(upstream);
        Gradients.Backward(output, Tensor.From(upstream, output.Shape));

        for (int i = 0; i < inputs.Length; i++)
        {
            int count = values[i].Length;
            float[] gradient = count == 0 ? [] : tensors[i].Grad is { } g ? g.ToArray<float>() : new float[count];
            int step = Math.Max(1, (count + probes - 1) / probes);
            double scale = gradient.Select(v => Math.Abs((double)v)).DefaultIfEmpty(0).Max();
            for (int j = 0; j < count; j += step)
            {
                double numeric = Difference(reference, values, i, j, upstream);
                double error = Math.Abs(numeric - gradient[j]);
                Assert.True(
                    error <= tolerance * Math.Max(1, Math.Max(scale, Math.Abs(numeric))),
                    $"gradient of input {i} at {j}: got {gradient[j]}, by differences {numeric}");
            }
        }
    }

    /// <summary>Fails unless two arrays agree within a tolerance relative to the largest expected magnitude (at least 1).</summary>
    internal static void AssertClose(double[] expected, float[] actual, double tolerance, string what)
    {
        Assert.Equal(expected.Length, actual.Length);
        double scale = Math.Max(1, expected.Where(double.IsFinite).Select(Math.Abs).DefaultIfEmpty(0).Max());
        for (int i = 0; i < expected.Length; i++)
        {
            bool same = double.IsNaN(expected[i]) ? float.IsNaN(actual[i])
                : double.IsInfinity(expected[i]) ? actual[i] == (float)expected[i]
                : Math.Abs(expected[i] - actual[i]) <= tolerance * scale;
            Assert.True(same, $"{what} at {i}: got {actual[i]}, expected {expected[i]}");
        }
    }

    /// <summary>Normal random numbers, the same for the same seed.</summary>
    internal static float[] Normal(int count, ulong seed, float scale = 1f)
    {
        float[] values = new float[count];
        new RandomStream(seed).FillNormal(values, 0f, scale);
        return values;
    }

    private static double Difference(Func<double[][], double[]> reference, double[][] values, int input, int at, float[] upstream)
    {
        double original = values[input][at];
        double step = 1e-5 * Math.Max(1, Math.Abs(original));
        values[input][at] = original + step;
        double[] above = reference(values);
        values[input][at] = original - step;
        double[] below = reference(values);
        values[input][at] = original;
        double sum = 0;
        for (int i = 0; i < above.Length; i++)
        {
            sum += upstream[i] * ((above[i] - below[i]) / (2 * step));
        }

        return sum;
    }
}
