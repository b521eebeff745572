using System.Runtime.InteropServices;

namespace Percept.Media;

/// <summary>Both passes over samples of 16 or 32 bits, summed in double and rounded to the sample's type after each.</summary>
internal static class WidePasses
{
    internal static void Run(Image image, AxisTaps? columns, AxisTaps? rows, bool downFirst, Image result)
    {
        switch (image.Format)
        {
            case PixelFormat.Gray16:
                Run<ushort, Word>(image, columns, rows, downFirst, result);
                break;
            case PixelFormat.Gray32:
                Run<int, Whole>(image, columns, rows, downFirst, result);
                break;
            default:
                Run<float, Float>(image, columns, rows, downFirst, result);
                break;
        }
    }

    private interface ISample<T>
    {
        static abstract double Widen(T value);

        static abstract T Round(double value);
    }

    private readonly struct Word : ISample<ushort>
    {
        public static double Widen(ushort value) => value;

        public static ushort Round(double value) => (ushort)Math.Clamp(Whole.Round(value), 0, ushort.MaxValue);
    }

    private readonly struct Whole : ISample<int>
    {
        public static double Widen(int value) => value;

        public static int Round(double value) => (int)(value >= 0 ? value + 0.5 : value - 0.5);
    }

    private readonly struct Float : ISample<float>
    {
        public static double Widen(float value) => value;

        public static float Round(double value) => (float)value;
    }

    private static void Run<T, TSample>(Image image, AxisTaps? columns, AxisTaps? rows, bool downFirst, Image result)
        where T : unmanaged
        where TSample : ISample<T>
    {
        ReadOnlySpan<T> source = MemoryMarshal.Cast<byte, T>(image.Pixels);
        Span<T> target = MemoryMarshal.Cast<byte, T>(result.Pixels);
        int width = image.Width;
        if (columns is null || rows is null)
        {
            if (columns is not null)
            {
                Across<T, TSample>(source, width, image.Height, columns, target);
            }
            else if (rows is not null)
            {
                Down<T, TSample>(source, 0, width, rows, target);
            }
            else
            {
                source[..target.Length].CopyTo(target);
            }
        }
        else if (downFirst)
        {
            T[] between = new T[Resizer.Room(rows.Length, width)];
            Down<T, TSample>(source, 0, width, rows, between);
            Across<T, TSample>(between, width, rows.Length, columns, target);
        }
        else
        {
            int count = rows.End - rows.Begin;
            T[] between = new T[Resizer.Room(count, columns.Length)];
            Across<T, TSample>(source[(rows.Begin * width)..], width, count, columns, between);
            Down<T, TSample>(between, rows.Begin, columns.Length, rows, target);
        }
    }

    private static void Across<T, TSample>(ReadOnlySpan<T> source, int width, int rows, AxisTaps taps, Span<T> target)
        where T : unmanaged
        where TSample : ISample<T>
    {
        for (int y = 0; y < rows; y++)
        {
            ReadOnlySpan<T> row = source.Slice(y * width, width);
            for (int x = 0; x < taps.Length; x++)
            {
                ReadOnlySpan<T> window = row.Slice(taps.First[x], taps.Count[x]);
                ReadOnlySpan<double> weights = taps.Weights(x)[..window.Length];
                double sum = 0;
                for (int j = 0; j < window.Length; j++)
                {
                    sum += TSample.Widen(window[j]) * weights[j];
                }

                target[(y * taps.Length) + x] = TSample.Round(sum);
            }
        }
    }

    private static void Down<T, TSample>(ReadOnlySpan<T> source, int firstRow, int width, AxisTaps taps, Span<T> target)
        where T : unmanaged
        where TSample : ISample<T>
    {
        for (int y = 0; y < taps.Length; y++)
        {
            int first = taps.First[y] - firstRow;
            ReadOnlySpan<double> weights = taps.Weights(y)[..taps.Count[y]];
            for (int x = 0; x < width; x++)
            {
                double sum = 0;
                for (int j = 0; j < weights.Length; j++)
                {
                    sum += TSample.Widen(source[((first + j) * width) + x]) * weights[j];
                }

                target[(y * width) + x] = TSample.Round(sum);
            }
        }
    }
}
