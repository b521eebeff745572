using Xunit;

namespace Percept.Media.Tests.Images;

/// <summary>Cutting, padding, blending and normalizing pictures.</summary>
[Trait("Level", "Simd")]
public class PixelOperationTests
{
    [Theory]
    [InlineData(PadMode.Reflect, new byte[] { 3, 2, 1, 2, 3, 4, 3, 2, 1, 2 })]
    [InlineData(PadMode.Symmetric, new byte[] { 2, 1, 1, 2, 3, 4, 4, 3, 2, 1 })]
    [InlineData(PadMode.Replicate, new byte[] { 1, 1, 1, 2, 3, 4, 4, 4, 4, 4 })]
    [InlineData(PadMode.Constant, new byte[] { 9, 9, 1, 2, 3, 4, 9, 9, 9, 9 })]
    public void PaddingShowsWhatItsModeSays(PadMode mode, byte[] want)
    {
        Image row = Image.From(4, 1, PixelFormat.Gray, [1, 2, 3, 4]);
        Assert.Equal(want, row.Pad(2, 0, 4, 0, mode, [9]).Pixels.ToArray());
        Image column = Image.From(1, 4, PixelFormat.Gray, [1, 2, 3, 4]);
        Assert.Equal(want, column.Pad(0, 2, 0, 4, mode, [9]).Pixels.ToArray());
    }

    [Fact]
    public void MirroringGoesOnWhenMoreIsAddedThanThereIs()
    {
        Image row = Image.From(3, 1, PixelFormat.Gray, [1, 2, 3]);
        Assert.Equal([1, 2, 3, 2, 1, 2, 3, 2, 1], row.Pad(4, 0, 2, 0, PadMode.Reflect).Pixels.ToArray());
        Assert.Equal([5, 5, 5], Image.From(1, 1, PixelFormat.Gray, [5]).Pad(1, 0, 1, 0, PadMode.Reflect).Pixels.ToArray());
    }

    [Fact]
    public void CutsOutsideAreZero()
    {
        Image image = Image.From(2, 2, PixelFormat.Gray, [1, 2, 3, 4]);
        Assert.Equal([0, 0, 0, 0, 1, 2], image.Crop(-1, -1, 2, 1).Pixels.ToArray());
        Assert.Equal([0, 0], image.Crop(5, 0, 6, 2).Pixels.ToArray());
        Assert.Equal([4], image.Crop(1, 1, 2, 2).Pixels.ToArray());
    }

    [Fact]
    public void CenterCropRoundsByItsRule()
    {
        // A difference of 3: half is 1.5; of 5: 2.5.
        Image seven = Image.From(7, 1, PixelFormat.Gray, [0, 1, 2, 3, 4, 5, 6]);
        Assert.Equal(1, seven.CenterCrop(4, 1, CenterCropRule.TransformersPil).Pixels[0]);
        Assert.Equal(1, seven.CenterCrop(4, 1, CenterCropRule.TransformersTorchvision).Pixels[0]);
        Assert.Equal(2, seven.CenterCrop(4, 1, CenterCropRule.Torchvision).Pixels[0]);
        Assert.Equal(2, seven.CenterCrop(2, 1, CenterCropRule.Torchvision).Pixels[0]);

        Image one = Image.From(1, 1, PixelFormat.Gray, [9]);
        Assert.Equal([0, 9], one.CenterCrop(2, 1, CenterCropRule.TransformersPil).Pixels.ToArray());
        Assert.Equal([9, 0], one.CenterCrop(2, 1, CenterCropRule.TransformersTorchvision).Pixels.ToArray());
        Assert.Equal([9, 0], one.CenterCrop(2, 1, CenterCropRule.Torchvision).Pixels.ToArray());
    }

    [Fact]
    public void SquaresHaveThePictureInTheMiddle()
    {
        Image image = Image.From(1, 2, PixelFormat.Rgb, [1, 2, 3, 4, 5, 6]);
        Assert.Equal([1, 2, 3, 7, 8, 9, 4, 5, 6, 7, 8, 9], image.ExpandToSquare([7, 8, 9]).Pixels.ToArray());
    }

    [Fact]
    public void OpaqueHidesAndTransparentShowsTheBackground()
    {
        Image over = Image.From(3, 1, PixelFormat.Rgba, [10, 20, 30, 255, 40, 50, 60, 0, 100, 100, 100, 128]);
        Image under = Image.From(3, 1, PixelFormat.Rgba, [1, 2, 3, 4, 5, 6, 7, 8, 200, 200, 200, 255]);
        byte[] got = over.AlphaComposite(under).Pixels.ToArray();
        Assert.Equal([10, 20, 30, 255, 5, 6, 7, 8], got[..8]);
        Assert.Equal([150, 150, 150, 255], got[8..]);
        Assert.Equal([10, 20, 30, 9, 9, 9, 55, 55, 55], over.PasteOn([9, 9, 9]).Pixels.ToArray());
    }

    [Theory]
    [InlineData(NormalizeOrder.Pil)]
    [InlineData(NormalizeOrder.Fused)]
    public void NormalizingFollowsTheFormula(NormalizeOrder order)
    {
        var random = new Random(4);
        foreach (int count in new[] { 1, 3, 7, 8, 9, 31, 257 })
        {
            byte[] pixels = new byte[count * 3];
            random.NextBytes(pixels);
            var normalizer = new PixelNormalizer(1 / 255.0, [0.1, 0.2, 0.3], [0.4, 0.5, 0.6], order);
            float[] planes = new float[count * 3];
            normalizer.Apply(Image.From(count, 1, PixelFormat.Rgb, pixels), planes);
            for (int i = 0; i < count * 3; i++)
            {
                int c = i % 3;
                double want = ((pixels[i] / 255.0) - (0.1 * (c + 1))) / (0.3 + (0.1 * (c + 1)));
                Assert.Equal(want, planes[(c * count) + (i / 3)], 2e-6);
            }
        }
    }

    [Fact]
    public void OneMeanIsForAllChannels()
    {
        var normalizer = new PixelNormalizer(1, [2], [4]);
        float[] planes = new float[8];
        normalizer.Apply(Image.From(2, 1, PixelFormat.Rgba, [2, 6, 10, 14, 18, 22, 26, 30]), planes);
        Assert.Equal([0, 4, 1, 5, 2, 6, 3, 7], planes);
        normalizer.Apply(Image.From(1, 1, PixelFormat.Rgb, [2, 6, 10]), planes.AsSpan(0, 3));
        Assert.Equal([0, 1, 2], planes[..3]);
    }

    [Fact]
    public void TorchKeepsAConstantPictureAndCopiesTheSameSize()
    {
        var image = new Image(13, 9, PixelFormat.Rgba);
        image.Fill([10, 20, 30, 40]);
        foreach (TorchInterpolation interpolation in Enum.GetValues<TorchInterpolation>())
        {
            foreach (bool antialias in new[] { false, true })
            {
                var options = new TorchResizeOptions { Interpolation = interpolation, Antialias = antialias };
                foreach ((int width, int height) in new[] { (1, 1), (26, 18), (13, 9), (5, 31), (40, 9) })
                {
                    var want = new Image(width, height, PixelFormat.Rgba);
                    want.Fill([10, 20, 30, 40]);
                    Assert.True(image.ResizeAsTorch(width, height, options).Pixels.SequenceEqual(want.Pixels), $"{options} {width}×{height}");
                }
            }
        }
    }

    [Fact]
    public void TorchNearestTakesFloorOrMiddle()
    {
        Image row = Image.From(5, 1, PixelFormat.Gray, [0, 1, 2, 3, 4]);
        Assert.Equal([0, 1, 3], row.ResizeAsTorch(3, 1, new() { Interpolation = TorchInterpolation.Nearest }).Pixels.ToArray());
        Assert.Equal([0, 2, 4], row.ResizeAsTorch(3, 1, new() { Interpolation = TorchInterpolation.NearestExact }).Pixels.ToArray());
    }

    [Fact]
    public void WrongArgumentsAreRefused()
    {
        var rgb = new Image(2, 2, PixelFormat.Rgb);
        Assert.Throws<ArgumentOutOfRangeException>(() => rgb.Crop(1, 0, 1, 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => rgb.Crop(int.MinValue, 0, int.MaxValue, 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => rgb.Pad(-1, 0, 0, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => rgb.Pad(int.MaxValue, 0, 0, 0));
        Assert.Throws<ArgumentException>(() => rgb.Pad(1, 0, 0, 0, PadMode.Constant, [1, 2]));
        Assert.Throws<ArgumentException>(() => rgb.AlphaComposite(rgb));
        Assert.Throws<ArgumentException>(() => rgb.PasteOn([1, 2, 3]));
        Assert.Throws<ArgumentOutOfRangeException>(() => rgb.CenterCrop(0, 1, CenterCropRule.Torchvision));
        var normalizer = new PixelNormalizer(1, [0, 0, 0], [1, 1, 1]);
        Assert.Throws<ArgumentException>(() => normalizer.Apply(rgb, new float[11]));
        Assert.Throws<ArgumentException>(() => normalizer.Apply(new Image(2, 2, PixelFormat.Gray), new float[4]));
        Assert.Throws<NotSupportedException>(() => normalizer.Apply(new Image(2, 2, PixelFormat.Gray16), new float[4]));
        Assert.Throws<ArgumentException>(() => new PixelNormalizer(1, [0, 0], [1, 1, 1]));
        Assert.Throws<NotSupportedException>(() => new Image(2, 2, PixelFormat.Gray16).ResizeAsTorch(1, 1, default));
        Assert.Throws<ArgumentOutOfRangeException>(() => rgb.ResizeAsTorch(1, 0, default));
    }
}
