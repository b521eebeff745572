using Percept.Tensors;

namespace Percept.Models;

/// <summary>Gathers samples of several pictures each: <c>[samples, pictures, 3, height, width]</c> with a mask.</summary>
internal static class SampleStack
{
    /// <summary>Adds the pictures, padded with zeros and empty pictures, and the mask of what is not padding.</summary>
    internal static void Add(
        ImageInputs inputs, IReadOnlyList<List<(ImageSize Size, PixelStack.Writer Write)>> samples, ImageSteps steps,
        PixelTable table)
    {
        int most = samples.Max(static sample => sample.Count);
        ImageSize[] sizes = [.. samples.SelectMany(static sample => sample).Select(static part => part.Size)];
        ImageSize padded = PixelStack.PaddedSize(sizes, null);
        if (!steps.Pad && (samples.Any(sample => sample.Count != most) || sizes.Any(size => size != padded)))
        {
            throw new ArgumentException("Pictures of different sizes or numbers need 'do_pad' to be gathered.");
        }

        Tensor pixels = PixelStack.Equal([samples.Count, most], padded, (index, tile, target) =>
        {
            List<(ImageSize Size, PixelStack.Writer Write)> sample = samples[index / most];
            if (index % most < sample.Count)
            {
                sample[index % most].Write(index, tile, target);
            }
        });
        inputs.AddPixels("pixel_values", pixels, table);
        if (steps.Pad)
        {
            IEnumerable<ImageSize> all = samples.SelectMany(sample => sample.Select(static part => part.Size)
                .Concat(Enumerable.Repeat(default(ImageSize), most - sample.Count)));
            inputs.Add("pixel_attention_mask", PixelStack.Masks([samples.Count, most], [.. all], padded));
        }
    }
}
