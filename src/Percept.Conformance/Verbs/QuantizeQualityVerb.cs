using Percept.Tensors;

namespace Percept.Conformance;

/// <summary>
/// Quantizes a matrix and compares the error of its own blocks with the reference's: the whole matrix's must be at most
/// <c>max_ratio</c> times it, each row's at most <c>max_row_ratio</c> times.
/// </summary>
/// <remarks>
/// With x the matrix, y the own blocks decoded and w the importance of each column:
/// rmse = sqrt(mean (x−y)²); weighted_rmse = sqrt(mean over rows of Σ w(x−y)² / Σ w); a row's error is the same for it
/// alone.
/// </remarks>
internal static class QuantizeQualityVerb
{
    internal static void Run(RunContext context)
    {
        RunArgs args = context.Args;
        DType type = BlockTypes.Read(args);
        string file = args.Text("file");
        Tensor matrix = context.FromFile(file, args.Text("values"));
        Tensor importance = context.FromFile(file, args.Text("importance"));
        bool weighted = args.Choice("metric", "rmse", "rmse", "weighted_rmse") == "weighted_rmse";
        bool given = args.Flag("imatrix", false);
        double maxRatio = args.Number("max_ratio");
        double maxRowRatio = args.Number("max_row_ratio");

        Tensor raw = BlockTypes.Quantize(matrix, type, given ? importance.Span<float>() : default);
        double[] got = Numbers.Read(BlockTypes.Dequantize(raw, type));
        double[] want = Numbers.Read(matrix);
        double[] weights = Numbers.Read(importance);
        if (!weighted)
        {
            Array.Fill(weights, 1.0);
        }

        double[] rows = RowErrors(want, got, weights);
        string metric = weighted ? "weighted_rmse" : "rmse";
        context.Judge(
            metric, Math.Sqrt(rows.Select(static e => e * e).Average()), maxRatio * Figures(context, metric)[0]);
        JudgeRows(context, rows, Figures(context, "row_rmse"), maxRowRatio);
    }

    private static void JudgeRows(RunContext context, double[] rows, double[] reference, double maxRatio)
    {
        if (reference.Length != rows.Length)
        {
            throw new InvalidDataException($"'row_rmse' has {reference.Length} rows, expected {rows.Length}.");
        }

        // The row that uses most of its limit stands for all; NaN is greater than anything here.
        int worst = 0;
        double most = -1;
        for (int i = 0; i < rows.Length; i++)
        {
            double used = rows[i] == 0 ? 0 : rows[i] / (maxRatio * reference[i]);
            if (double.IsNaN(used) || used > most)
            {
                most = double.IsNaN(used) ? double.PositiveInfinity : used;
                worst = i;
            }
        }

        context.Judge("row_rmse", rows[worst], maxRatio * reference[worst]);
    }

    private static double[] RowErrors(double[] want, double[] got, double[] weights)
    {
        int columns = weights.Length;
        double weightSum = weights.Sum();
        var errors = new double[columns == 0 ? 0 : want.Length / columns];
        for (int row = 0; row < errors.Length; row++)
        {
            double sum = 0;
            for (int i = 0; i < columns; i++)
            {
                double difference = want[(row * columns) + i] - got[(row * columns) + i];
                sum += weights[i] * difference * difference;
            }

            errors[row] = Math.Sqrt(sum / weightSum);
        }

        return errors;
    }

    private static double[] Figures(RunContext context, string name) => Numbers.Read(
        context.Want(name) ?? throw new InvalidDataException(
            $"'outputs.safetensors' has no tensor '{context.Run.Name}/{name}'."));
}
