using Percept.Tensors;

namespace Percept.Training;

/// <summary>
/// The tables of positions of a masked autoencoder: for each patch sines and cosines of its column, then of its row; zeros for the class
/// token. They are not trained.
/// </summary>
internal static class SineTable
{
    /// <summary>Whether a tensor is such a table.</summary>
    internal static bool Is(string name) =>
        name.EndsWith("position_embeddings", StringComparison.Ordinal) || name.EndsWith("decoder_pos_embed", StringComparison.Ordinal);

    /// <summary>Fills a table [1, 1 + side², D].</summary>
    internal static void Fill(Span<float> values, in Shape shape)
    {
        int rows = shape[1], width = shape[2];
        int side = (int)Math.Round(Math.Sqrt(rows - 1));
        if (side * side != rows - 1 || width % 4 != 0)
        {
            throw new InvalidDataException(
                $"A table of positions {shape} is not one of square pictures with channels in fours. Use pictures as high as wide.");
        }

        values.Clear();
        int quarter = width / 4;
        for (int patch = 0; patch < rows - 1; patch++)
        {
            Span<float> row = values.Slice((patch + 1) * width, width);
            Waves(row[..(2 * quarter)], patch % side);
            Waves(row[(2 * quarter)..], patch / side);
        }
    }

    private static void Waves(Span<float> values, int place)
    {
        int count = values.Length / 2;
        for (int i = 0; i < count; i++)
        {
            double angle = place / Math.Pow(10_000, (double)i / count);
            values[i] = (float)Math.Sin(angle);
            values[count + i] = (float)Math.Cos(angle);
        }
    }
}
