using System.Globalization;
using System.Numerics.Tensors;
using Percept.Inference;
using Percept.Models;
using Percept.Tensors;

namespace Percept.Bench.Models;

/// <summary>
/// <c>precision [TYPE…]</c>: how far the fast products (inputs rounded to bfloat16 or 8 bits) are from the exact ones: the error of
/// logits, and how often both choose the same token along the exact path's own answer.
/// </summary>
/// <remarks>
/// The weights are Gaussian numbers : their logits lie closer together than a trained model's, so that
/// agreement is lower than in use.
/// </remarks>
internal static class PrecisionCommand
{
    private const int Prompt = 64;
    private const int Tokens = 256;
    private const float Spread = 0.02f;

    private static readonly DType[] s_types = [DType.BF16, DType.Q8_0, DType.Q6_K, DType.Q4_K, DType.Q4_0];

    internal static int Run(string[] args)
    {
        DecoderShape shape = DecoderShape.Small;
        Console.WriteLine($"{shape.Name}, {Tokens} tokens after {Prompt}");
        foreach (DType type in args.Length == 0 ? s_types : [.. args.Select(arg => Enum.Parse<DType>(arg, ignoreCase: true))])
        {
            ILanguageModel exact = shape.Make(type, LinearPrecision.Exact, Spread), fast = shape.Make(type, LinearPrecision.Fast, Spread);
            (double error, double same, double rank) = Compare(exact, fast);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{type}: logit error {100 * error:0.00} % of the logits' spread (RMS), same token {100 * same:0.0} %, exact token among the fast best 5: {100 * rank:0.0} %"));
            GC.Collect();
        }

        return 0;
    }

    private static (double Error, double Same, double Among) Compare(ILanguageModel exact, ILanguageModel fast)
    {
        using var first = new ModelSession(exact, 1);
        using var second = new ModelSession(fast, 1);
        int size = exact.VocabularySize, same = 0, among = 0;
        float[] wanted = new float[size], got = new float[size];
        int[] tokens = [.. Enumerable.Range(0, Prompt).Select(i => 1000 + (i * 37))];
        double error = 0, spread = 0;
        for (int step = 0; step < Tokens; step++)
        {
            int[] rows = new int[tokens.Length];
            first.Step(rows, tokens, wanted);
            second.Step(rows, tokens, got);
            double mean = TensorPrimitives.Average<float>(wanted);
            for (int i = 0; i < size; i++)
            {
                error += Math.Pow(got[i] - wanted[i], 2);
                spread += Math.Pow(wanted[i] - mean, 2);
            }

            int best = TensorPrimitives.IndexOfMax<float>(wanted);
            same += TensorPrimitives.IndexOfMax<float>(got) == best ? 1 : 0;
            float own = got[best];
            among += got.Count(logit => logit > own) < 5 ? 1 : 0;
            tokens = [best];
        }

        return (Math.Sqrt(error / spread), same / (double)Tokens, among / (double)Tokens);
    }
}
