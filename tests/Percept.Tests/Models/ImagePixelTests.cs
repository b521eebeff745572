using Percept.Media;
using Percept.Models;
using Percept.Tensors;
using Xunit;

namespace Percept.Tests.Models;

/// <summary>What pixels become: arithmetic, alpha, batches, refusals.</summary>
public class ImagePixelTests
{
    [Fact]
    public void NumpysOrderIsRescaledInDoubleFirst()
    {
        using TensorScope scope = TensorScope.Open();
        Image image = ImageProcessorCases.Picture(5, 7);
        float[] values = Pixels("\"do_resize\": false, \"do_center_crop\": false, \"image_std\": [0.2, 0.3, 0.7]", image);
        float[] deviations = [0.2f, 0.3f, 0.7f];
        float[] means = [0.48145466f, 0.4578275f, 0.40821073f];
        for (int i = 0; i < values.Length; i++)
        {
            int channel = i / 35;
            int sample = image.Pixels[(i % 35 * 3) + channel];
            Assert.Equal(((float)(sample * (1.0 / 255)) - means[channel]) / deviations[channel], values[i]);
        }
    }

    [Fact]
    public void WithoutAnyArithmeticBytesStayBytes()
    {
        using TensorScope scope = TensorScope.Open();
        Image image = ImageProcessorCases.Picture(3, 2);
        ImageProcessor processor = ImageProcessorCases.Make(
            "CLIPImageProcessor",
            "\"do_resize\": false, \"do_center_crop\": false, \"do_rescale\": false, \"do_normalize\": false");
        Tensor pixels = processor.Process([image])["pixel_values"];
        Assert.Equal(DType.U8, pixels.DType);
        Assert.Equal(image.Pixels[1], pixels.ToArray<byte>()[6]);
    }

    [Theory]
    [InlineData(9, 5)]
    [InlineData(4, 5)]
    [InlineData(9, 12)]
    [InlineData(4, 11)]
    public void ACropTakesTheMiddleOrPadsWithBlack(int cropHeight, int cropWidth)
    {
        using TensorScope scope = TensorScope.Open();
        Image image = ImageProcessorCases.Picture(7, 8);
        float[] values = Pixels(
            $"\"do_resize\": false, \"do_normalize\": false, \"rescale_factor\": 1, \"crop_size\": [{cropHeight}, {cropWidth}]", image);
        int top = cropHeight > 7 ? -(cropHeight - 7 + 1) / 2 : (7 - cropHeight) / 2;
        int left = cropWidth > 8 ? -((cropWidth - 8 + 1) / 2) : (8 - cropWidth) / 2;
        for (int i = 0; i < cropHeight * cropWidth; i++)
        {
            int y = (i / cropWidth) + top;
            int x = (i % cropWidth) + left;
            float want = y is >= 0 and < 7 && x is >= 0 and < 8 ? image.Row(y)[x * 3] : 0;
            Assert.Equal(want, values[i]);
        }
    }

    [Fact]
    public void AlphaIsLaidOverWhite()
    {
        using TensorScope scope = TensorScope.Open();
        Image image = Image.From(3, 1, PixelFormat.Rgba, [10, 20, 30, 0, 10, 20, 30, 255, 100, 0, 255, 51]);
        const string Plain = "\"do_resize\": false, \"do_center_crop\": false, \"do_normalize\": false, \"rescale_factor\": 1";
        Assert.Equal([255, 10, 224, 255, 20, 204, 255, 30, 255], Pixels(Plain, image));
        Assert.Equal([10, 10, 100, 20, 20, 0, 30, 30, 255], Pixels(Plain, image.Convert(PixelFormat.Rgb)));
    }

    [Theory]
    [InlineData(PixelFormat.Gray)]
    [InlineData(PixelFormat.Rgba)]
    public void AClassThatDoesNotConvertRefuses(PixelFormat format)
    {
        using TensorScope scope = TensorScope.Open();
        ImageProcessor processor = ImageFamilies.Find("ViTImageProcessor").CreateDefault();
        var error = Assert.Throws<ArgumentException>(
            () => processor.Process([ImageProcessorCases.Picture(4, 4, format)]));
        Assert.Contains(format.ToString(), error.Message, StringComparison.Ordinal);
        Assert.Contains("do_convert_rgb", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("CLIPImageProcessor")]
    [InlineData("Qwen2VLImageProcessor")]
    [InlineData("GotOcr2ImageProcessor")]
    [InlineData("Gemma3ImageProcessor")]
    [InlineData("Llama4ImageProcessor")]
    public void ACallIsItsPicturesOneByOne(string type)
    {
        using TensorScope scope = TensorScope.Open();
        (_, string settings, string name, _) = ImageProcessorCases.All.Single(known => known.Type == type);
        ImageProcessor processor = ImageProcessorCases.Make(type, settings);
        Image[] images =
            [ImageProcessorCases.Picture(33, 97), ImageProcessorCases.Picture(40, 20), ImageProcessorCases.Picture(21, 21)];
        float[] singles = [.. images.SelectMany(image => processor.Process([image])[name].ToArray<float>())];
        Assert.Equal(singles, processor.Process(images)[name].ToArray<float>());
    }

    [Fact]
    public void PicturesOfDifferentSizesArePaddedWithAMask()
    {
        using TensorScope scope = TensorScope.Open();
        ImageProcessor processor = ImageProcessorCases.Make("DetrImageProcessor", "\"size\": 15, \"max_size\": 25");
        Image[] images = [ImageProcessorCases.Picture(30, 40), ImageProcessorCases.Picture(60, 40)];
        ImageInputs inputs = processor.Process(images);
        Assert.Equal([2, 3, 22, 20], Sizes(inputs["pixel_values"]));
        Assert.Equal([2, 22, 20], Sizes(inputs["pixel_mask"]));
        Assert.Equal((15 * 20) + (22 * 15), inputs["pixel_mask"].ToArray<long>().Sum());
        Assert.Equal(0, inputs["pixel_values"].ToArray<float>()[15 * 20]);
        float[] alone = processor.Process([images[0]])["pixel_values"].ToArray<float>();
        Assert.Equal(alone.AsSpan(0, 20).ToArray(), inputs["pixel_values"].ToArray<float>().AsSpan(0, 20).ToArray());
    }

    [Fact]
    public void RaggedPicturesStandAlone()
    {
        using TensorScope scope = TensorScope.Open();
        ImageProcessor processor = ImageProcessorCases.Make("CLIPImageProcessor", "\"size\": 5, \"do_center_crop\": false");
        ImageInputs inputs = processor.Process([ImageProcessorCases.Picture(5, 10), ImageProcessorCases.Picture(10, 5)]);
        Assert.Equal(["pixel_values.0", "pixel_values.1"], inputs.Names);
        Assert.Equal([3, 5, 10], Sizes(inputs["pixel_values.0"]));
        Assert.Equal([3, 10, 5], Sizes(inputs["pixel_values.1"]));
        Assert.Contains("pixel_values.0", Assert.Throws<KeyNotFoundException>(() => inputs["pixel_values"]).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void SamplesOfSeveralPicturesAreFilledUp()
    {
        using TensorScope scope = TensorScope.Open();
        ImageProcessor processor = ImageProcessorCases.Make(
            "Idefics3ImageProcessor",
            "\"size\": {\"longest_edge\": 14}, \"max_image_size\": {\"longest_edge\": 7}, \"return_row_col_info\": true");
        Image wide = ImageProcessorCases.Picture(10, 40);
        ImageInputs inputs = processor.Process([[wide, wide], [wide]]);
        Assert.Equal([2, 6, 3, 7, 7], Sizes(inputs["pixel_values"]));
        Assert.Equal(9 * 49, inputs["pixel_attention_mask"].ToArray<long>().Sum());
        Assert.Equal([1, 1], inputs["rows.0"].ToArray<long>());
        Assert.Equal([2], inputs["cols.1"].ToArray<long>());
    }

    [Fact]
    public void OneVisionDoesNotCutSeveralPictures()
    {
        using TensorScope scope = TensorScope.Open();
        (_, string settings, _, _) = ImageProcessorCases.All.Single(known => known.Type == "LlavaOnevisionImageProcessor");
        ImageProcessor processor = ImageProcessorCases.Make("LlavaOnevisionImageProcessor", settings);
        Image image = ImageProcessorCases.Picture(20, 30);
        ImageInputs inputs = processor.Process([[image, image], [image]]);
        Assert.Equal([2, 1], inputs["batch_num_images"].ToArray<long>());
        Assert.Equal(processor.Plan(20, 30).Tiles, inputs["pixel_values"].Shape[1]);
        Assert.Equal(3, inputs["pixel_values"].Shape[0]);
    }

    [Fact]
    public void NothingToProcessIsRefused()
    {
        ImageProcessor processor = ImageFamilies.Find("CLIPImageProcessor").CreateDefault();
        Assert.Throws<ArgumentException>(() => processor.Process(Array.Empty<Image>()));
        Assert.Throws<ArgumentOutOfRangeException>(() => processor.Plan(0, 5));
    }

    [Theory]
    [InlineData("Qwen2VLImageProcessor", 201, 1)]
    [InlineData("Glm4vImageProcessor", 1, 201)]
    [InlineData("ViltImageProcessor", 5, 500)]
    [InlineData("DetrImageProcessor", 1, 4000)]
    [InlineData("SamImageProcessor", 1, 3000)]
    [InlineData("Phi4MultimodalImageProcessor", 1, 3000)]
    [InlineData("FuyuImageProcessor", 1, 4000)]
    public void ExtremePicturesAreRefused(string type, int height, int width)
    {
        ImageProcessor processor = ImageFamilies.Find(type).CreateDefault();
        var error = Assert.Throws<ArgumentException>(() => processor.Plan(height, width));
        Assert.Contains($"{height}×{width}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AnEnormousResizeIsRefusedBeforeMemoryIsTaken()
    {
        ImageProcessor processor = ImageProcessorCases.Make("CLIPImageProcessor", "\"do_center_crop\": false, \"size\": 2000");
        Assert.Throws<MediaLimitException>(() => processor.Process([ImageProcessorCases.Picture(1, 400)]));
    }

    private static float[] Pixels(string settings, Image image) =>
        ImageProcessorCases.Make("CLIPImageProcessor", settings).Process([image])["pixel_values"].ToArray<float>();

    private static int[] Sizes(Tensor tensor) => [.. Enumerable.Range(0, tensor.Rank).Select(axis => tensor.Shape[axis])];
}
