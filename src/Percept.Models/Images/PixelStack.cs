using Percept.Media;
using Percept.Tensors;

namespace Percept.Models;

/// <summary>Gathers pictures into one tensor.</summary>
internal static class PixelStack
{
    /// <summary>Writes a picture into its place: <c>(index, size of the place, 3 × height × width, zeros)</c>.</summary>
    internal delegate void Writer(int index, ImageSize size, Span<float> target);

    /// <summary>A float32 tensor of zeros, checked to be of a size that can be written.</summary>
    /// <exception cref="MediaLimitException">It has more than 2^31 elements.</exception>
    internal static Tensor Zeros(params ReadOnlySpan<int> sizes)
    {
        double count = 1;
        foreach (int size in sizes)
        {
            count *= size;
        }

        return count <= int.MaxValue
            ? Ops.Zeros(Shape.Create(sizes))
            : throw new MediaLimitException(
                $"The pictures come to {count:f0} numbers in one tensor, more than 2^31; process fewer or smaller ones at once.");
    }

    /// <summary>Pictures of equal sizes as <c>[…, 3, height, width]</c>.</summary>
    internal static Tensor Equal(ReadOnlySpan<int> leading, ImageSize size, Writer write)
    {
        Tensor result = Zeros([.. leading, 3, size.Height, size.Width]);
        Span<float> values = result.Writable<float>();
        int each = checked(3 * size.Height * size.Width);
        for (int i = 0; i * (long)each < values.Length; i++)
        {
            write(i, size, values.Slice(i * each, each));
        }

        return result;
    }

    /// <summary>
    /// Adds pictures <c>[n, 3, height, width]</c>; padded with zeros at the right and bottom where a size to pad to is given,
    /// else each as a tensor of its own where sizes differ.
    /// </summary>
    internal static void Add(
        ImageInputs inputs, string name, IReadOnlyList<ImageSize> sizes, ImageSize? padTo, PixelTable table, Writer write)
    {
        if (padTo is { } padded)
        {
            inputs.AddPixels(name, Equal([sizes.Count], padded, write), table);
        }
        else if (sizes.All(size => size == sizes[0]))
        {
            inputs.AddPixels(name, Equal([sizes.Count], sizes[0], write), table);
        }
        else
        {
            for (int i = 0; i < sizes.Count; i++)
            {
                int index = i;
                Tensor one = Equal([], sizes[i], (_, size, target) => write(index, size, target));
                inputs.AddPixels(FormattableString.Invariant($"{name}.{i}"), one, table);
            }
        }
    }

    /// <summary>What pictures of a call are padded to: the setting, or their greatest height and width.</summary>
    /// <exception cref="ArgumentException">A picture is greater than the setting.</exception>
    internal static ImageSize PaddedSize(IReadOnlyList<ImageSize> sizes, SizeSetting? padSize)
    {
        var greatest = new ImageSize(sizes.Max(static size => size.Height), sizes.Max(static size => size.Width));
        if (padSize is not { } setting)
        {
            return greatest;
        }

        ImageSize wanted = setting.Fixed
            ?? throw new InvalidDataException($"'pad_size' is {setting}, expected height and width.");
        return wanted.Height >= greatest.Height && wanted.Width >= greatest.Width
            ? wanted
            : throw new ArgumentException($"A picture of {greatest} does not fit into the 'pad_size' {wanted}.");
    }

    /// <summary>Masks that are 1 where pictures are and 0 where they are padded, <c>[…, height, width]</c>.</summary>
    internal static Tensor Masks(ReadOnlySpan<int> leading, IReadOnlyList<ImageSize> sizes, ImageSize padded)
    {
        Tensor result = Ops.Zeros([.. leading, padded.Height, padded.Width], DType.I64);
        Span<long> values = result.Writable<long>();
        int each = checked(padded.Height * padded.Width);
        for (int i = 0; i < sizes.Count; i++)
        {
            for (int row = 0; row < sizes[i].Height; row++)
            {
                values.Slice((i * each) + (row * padded.Width), sizes[i].Width).Fill(1);
            }
        }

        return result;
    }
}
