using Percept.Tensors;

namespace Percept.Conformance;

/// <summary>
/// Gives answers that the run may want only samples of: with <c>args.sampled</c> an output <c>x</c> is judged by
/// <c>x.shape</c>, <c>x.mean</c>, <c>x.std</c> (population) and <c>x.samples</c>, the elements at the input <c>positions.x</c>.
/// </summary>
internal static class SampledOutputs
{
    /// <summary>Gives an answer whole, and its samples where the run wants those.</summary>
    internal static void Give(RunContext context, string name, Tensor answer)
    {
        context.Give(name, answer);
        if (!context.Args.Flag("sampled", false) || !context.Wants($"{name}.shape"))
        {
            return;
        }

        int[] sizes = [.. Enumerable.Range(0, answer.Rank).Select(axis => answer.Shape[axis])];
        context.Give($"{name}.shape", Tensor.From<long>([.. sizes.Select(static size => (long)size)], [sizes.Length]));
        double[] values = Numbers.Read(answer);
        double mean = values.Average();
        double deviation = Math.Sqrt(values.Average(value => (value - mean) * (value - mean)));
        context.Give($"{name}.mean", Tensor.From([mean], []));
        context.Give($"{name}.std", Tensor.From([deviation], []));
        long[] positions = Numbers.ReadIntegers(context.Need($"positions.{name}"));
        if (positions.Any(position => position < 0 || position >= values.Length))
        {
            throw new InvalidDataException($"The answer '{name}' has {values.Length} elements; a position lies outside.");
        }

        double[] samples = [.. positions.Select(position => values[position])];
        Shape shape = [samples.Length];
        context.Give($"{name}.samples", answer.DType.IsFloat()
            ? Tensor.From<float>([.. samples.Select(static sample => (float)sample)], shape)
            : Tensor.From<long>([.. samples.Select(static sample => (long)sample)], shape));
    }
}
