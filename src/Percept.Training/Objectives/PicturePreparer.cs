using Percept.Data;
using Percept.Media;
using Percept.Models;
using Percept.Tensors;

namespace Percept.Training;

/// <summary>Makes the pixels of a sample's picture, cut and mirrored at random where the recipe says so.</summary>
/// <remarks>Safe for several threads.</remarks>
internal sealed class PicturePreparer
{
    // Sides of a cut, wide to high.
    private const double NarrowestShape = 3.0 / 4;
    private const int MostTries = 10;

    private readonly ImageProcessor _processor;
    private readonly LossRecipe _loss;
    private readonly ulong _seed;

    internal PicturePreparer(string folder, LossRecipe loss, ulong seed)
    {
        _processor = ImageProcessor.Load(folder);
        _loss = loss;
        _seed = seed;
    }

    /// <summary>Float32 [1, 3, H, W], the caller's.</summary>
    /// <exception cref="InvalidDataException">The sample has no picture.</exception>
    internal Tensor Make(DatasetSample sample, ulong draw)
    {
        MediaReference media = sample.Media.FirstOrDefault(medium => medium.Kind == DataPartKind.Image)
            ?? throw new InvalidDataException($"{sample} has no picture, which this loss learns from. Remove it from the dataset.");
        Image picture = Changed(media.LoadImage(), new RandomStream(_seed, draw));
        using TensorScope scope = TensorScope.Open();
        ImageInputs inputs = _processor.Process([picture.Format == PixelFormat.Rgb ? picture : picture.Convert(PixelFormat.Rgb)]);
        Tensor pixels = inputs["pixel_values"];
        return (pixels.DType == DType.F32 ? pixels : Ops.Cast(pixels, DType.F32)).KeepAlways();
    }

    private Image Changed(Image picture, RandomStream random)
    {
        if (_loss.LeastCrop < 1)
        {
            picture = Cut(picture, random);
        }

        return _loss.Flips && random.NextInt32(2) == 1 ? picture.Turned(ImageTurn.FlipLeftRight) : picture;
    }

    /// <summary>A part of random area and shape (Szegedy et al. 2014); the whole where none fits.</summary>
    private Image Cut(Image picture, RandomStream random)
    {
        double area = (double)picture.Width * picture.Height;
        for (int i = 0; i < MostTries; i++)
        {
            double part = area * (_loss.LeastCrop + ((1 - _loss.LeastCrop) * random.NextDouble()));
            double shape = Math.Exp(Math.Log(NarrowestShape) * ((2 * random.NextDouble()) - 1));
            int width = (int)Math.Round(Math.Sqrt(part * shape)), height = (int)Math.Round(Math.Sqrt(part / shape));
            if (width >= 1 && height >= 1 && width <= picture.Width && height <= picture.Height)
            {
                int left = random.NextInt32(picture.Width - width + 1), top = random.NextInt32(picture.Height - height + 1);
                return picture.Crop(left, top, left + width, top + height);
            }
        }

        return picture;
    }
}
