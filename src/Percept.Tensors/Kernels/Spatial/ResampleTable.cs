namespace Percept.Tensors.Kernels.Spatial;

/// <summary>A resampling along one axis as a banded matrix: output i = Σⱼ weight[i, j]·input[first[i] + j].</summary>
/// <remarks>
/// Coordinates follow PyTorch's: source = scale·(i + ½) − ½, or scale·i with aligned corners; taps beyond the edge
/// count for the edge element. The transposed table, for the gradient, is a banded matrix too.
/// </remarks>
internal unsafe struct ResampleTable
{
    /// <summary>Rows: output indices.</summary>
    internal int Rows;

    /// <summary>Weights of a row.</summary>
    internal int Width;

    /// <summary>[Rows], the first input index.</summary>
    internal int* First;

    /// <summary>[Rows], how many weights count.</summary>
    internal int* Count;

    /// <summary>[Rows, Width].</summary>
    internal float* Weights;

    /// <summary>Bytes that a table of so many rows takes.</summary>
    internal static long Bytes(long rows, long width) => (((rows * 8) + 63) & ~63L) + (rows * width * 4);

    /// <summary>Lays a table into memory.</summary>
    internal static ResampleTable At(byte* memory, int rows, int width) => new()
    {
        Rows = rows,
        Width = width,
        First = (int*)memory,
        Count = (int*)memory + rows,
        Weights = (float*)(memory + (((rows * 8L) + 63) & ~63L)),
    };

    /// <summary>The most weights that a row of <see cref="Fill"/> has.</summary>
    internal static int WidthOf(in ResampleOptions options, double scale)
    {
        int taps = options.Mode switch { ResampleMode.Linear => 2, ResampleMode.Cubic => 4, _ => 1 };
        return options.Antialias && taps > 1 ? (int)Math.Ceiling(taps * 0.5 * Math.Max(scale, 1)) * 2 + 1 : taps;
    }

    /// <summary>The step in the input for one in the output.</summary>
    /// <param name="options">Mode and alignment.</param>
    /// <param name="size">The input's size.</param>
    /// <param name="count">The output's size.</param>
    /// <param name="factor">A scale factor to follow; 0 to follow the sizes.</param>
    internal static double Scale(in ResampleOptions options, int size, int count, double factor)
    {
        bool smooth = options.Mode is ResampleMode.Linear or ResampleMode.Cubic;
        return smooth && options.AlignCorners
            ? count > 1 ? (size - 1.0) / (count - 1.0) : 0
            : factor > 0 ? 1 / factor : (double)size / count;
    }

    /// <summary>Fills the table for an input of <paramref name="size"/> elements.</summary>
    internal readonly void Fill(in ResampleOptions options, int size, double scale)
    {
        for (int i = 0; i < Rows; i++)
        {
            float* weights = Weights + ((long)i * Width);
            if (options.Mode is ResampleMode.Nearest or ResampleMode.NearestExact)
            {
                // In single precision, since the reference rounds there before it takes the floor.
                float step = (float)scale;
                float source = options.Mode == ResampleMode.Nearest ? i * step : (float)((i + 0.5) * step);
                First[i] = Math.Min((int)MathF.Floor(source), size - 1);
                Count[i] = 1;
                weights[0] = 1;
            }
            else if (options.Antialias)
            {
                Wide(options, size, scale, i, weights);
            }
            else
            {
                Narrow(options, size, scale, i, weights);
            }
        }
    }

    /// <summary>Fills this table with the transpose of another over <paramref name="source"/>'s inputs.</summary>
    internal readonly void FillTransposed(in ResampleTable source)
    {
        new Span<float>(Weights, checked(Rows * Width)).Clear();
        new Span<int>(Count, Rows).Clear();
        new Span<int>(First, Rows).Clear();
        for (int i = 0; i < source.Rows; i++)
        {
            for (int j = 0; j < source.Count[i]; j++)
            {
                int row = source.First[i] + j;
                if (Count[row] == 0)
                {
                    First[row] = i;
                }

                Count[row] = i - First[row] + 1;
                Weights[((long)row * Width) + i - First[row]] += source.Weights[((long)i * source.Width) + j];
            }
        }
    }

    /// <summary>The most outputs that meet one input.</summary>
    internal readonly int TransposedWidth(int size, int* first, int* last)
    {
        new Span<int>(first, size).Fill(-1);
        int width = 1;
        for (int i = 0; i < Rows; i++)
        {
            for (int j = First[i]; j < First[i] + Count[i]; j++)
            {
                first[j] = first[j] < 0 ? i : first[j];
                last[j] = i;
                width = Math.Max(width, i - first[j] + 1);
            }
        }

        return width;
    }

    /// <summary>Two or four taps around the source place.</summary>
    private readonly void Narrow(in ResampleOptions options, int size, double scale, int i, float* weights)
    {
        bool cubic = options.Mode == ResampleMode.Cubic;
        double source = options.AlignCorners ? scale * i : (scale * (i + 0.5)) - 0.5;
        source = cubic ? source : Math.Max(source, 0);
        int floor = (int)Math.Min(Math.Floor(source), size - 1);
        double t = Math.Clamp(source - floor, 0, 1);
        int taps = cubic ? 4 : 2;
        int start = cubic ? floor - 1 : floor;
        int first = Math.Clamp(start, 0, size - 1), last = Math.Clamp(start + taps - 1, 0, size - 1);
        First[i] = first;
        Count[i] = last - first + 1;
        new Span<float>(weights, Width).Clear();
        for (int j = 0; j < taps; j++)
        {
            double weight = cubic ? Cubic(t + 1 - j, -0.75) : j == 0 ? 1 - t : t;
            weights[Math.Clamp(start + j, 0, size - 1) - first] += (float)weight;
        }
    }

    /// <summary>All taps under a filter that is as wide as an output element.</summary>
    private readonly void Wide(in ResampleOptions options, int size, double scale, int i, float* weights)
    {
        bool cubic = options.Mode == ResampleMode.Cubic;
        double half = cubic ? 2 : 1;
        double support = scale >= 1 ? half * scale : half;
        double inverse = scale >= 1 ? 1 / scale : 1;
        double centre = scale * (i + 0.5);
        int first = Math.Max((int)(centre - support + 0.5), 0);
        int count = Math.Clamp(Math.Min((int)(centre + support + 0.5), size) - first, 0, Width);
        double total = 0;
        for (int j = 0; j < count; j++)
        {
            total += Filter((j + first - centre + 0.5) * inverse, cubic);
        }

        for (int j = 0; j < count; j++)
        {
            double weight = Filter((j + first - centre + 0.5) * inverse, cubic);
            weights[j] = (float)(total != 0 ? weight / total : weight);
        }

        First[i] = first;
        Count[i] = count;
    }

    private static double Filter(double x, bool cubic) => cubic ? Cubic(x, -0.5) : Math.Max(0, 1 - Math.Abs(x));

    /// <summary>Keys' cubic convolution kernel.</summary>
    internal static double Cubic(double x, double a)
    {
        x = Math.Abs(x);
        return x <= 1 ? (((((a + 2) * x) - (a + 3)) * x) * x) + 1
            : x < 2 ? ((((((x - 5) * x) + 8) * x) - 4) * a)
            : 0;
    }
}
