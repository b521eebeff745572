using System.Text.Json;
using Percept.Models;
using Xunit;

namespace Percept.Tests.Models;

/// <summary>Settings in all their spellings; what is not understood is told.</summary>
public class ImageSettingsTests
{
    [Theory]
    [InlineData("CLIPImageProcessor")]
    [InlineData("CLIPImageProcessorFast")]
    [InlineData("CLIPImageProcessorPil")]
    [InlineData("CLIPFeatureExtractor")]
    public void AClassIsFoundBySpelling(string type) => Assert.Equal("CLIPImageProcessor", ImageFamilies.Find(type).Type);

    [Theory]
    [InlineData("clipImageProcessor")]
    [InlineData("CLIPProcessor")]
    [InlineData("Fast")]
    public void AnUnknownClassIsTold(string type)
    {
        var error = Assert.Throws<NotSupportedException>(() => ImageFamilies.Find(type));
        Assert.Contains(type, error.Message, StringComparison.Ordinal);
        Assert.Contains("Qwen2VLImageProcessor", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void NamesAreUnique()
    {
        string[] models = [.. ImageFamilies.All.SelectMany(family => family.ModelTypes)];
        Assert.Equal(models.Length, models.Distinct(StringComparer.Ordinal).Count());
        Assert.Equal("Qwen2VLImageProcessor", ImageFamilies.FindByModel("qwen2_5_vl").Type);
        Assert.Throws<NotSupportedException>(() => ImageFamilies.FindByModel("qwen"));
    }

    [Theory]
    [InlineData("CLIPImageProcessor", "\"size\": 30", "\"size\": {\"shortest_edge\": 30}")]
    [InlineData("ViTImageProcessor", "\"size\": 30", "\"size\": {\"height\": 30, \"width\": 30}")]
    [InlineData("ViTImageProcessor", "\"size\": [30, 40]", "\"size\": {\"height\": 30, \"width\": 40}")]
    [InlineData("ViTImageProcessor", "\"size\": 30, \"default_to_square\": false",
        "\"size\": {\"shortest_edge\": 30}, \"default_to_square\": false")]
    [InlineData("CLIPImageProcessor", "\"crop_size\": 30", "\"crop_size\": {\"height\": 30, \"width\": 30}")]
    [InlineData("CLIPImageProcessor", "\"resample\": \"bilinear\"", "\"resample\": 2")]
    [InlineData("CLIPImageProcessor", "\"image_mean\": 0.5", "\"image_mean\": [0.5, 0.5, 0.5]")]
    [InlineData("CLIPImageProcessor", "\"do_resize\": null, \"size\": null", "\"do_resize\": true")]
    [InlineData("CLIPImageProcessor", "\"use_square_size\": true, \"size\": 9", "\"size\": [224, 224]")]
    [InlineData("DetrImageProcessor", "\"size\": 30, \"max_size\": 50", "\"size\": {\"shortest_edge\": 30, \"longest_edge\": 50}")]
    [InlineData("DetrImageProcessor", "\"size\": 30", "\"size\": {\"shortest_edge\": 30, \"longest_edge\": 1333}")]
    [InlineData("DetrImageProcessor", "\"pad_and_return_pixel_mask\": false", "\"do_pad\": false")]
    [InlineData("IdeficsImageProcessor", "\"image_size\": 30", "\"size\": 30")]
    [InlineData("Qwen2VLImageProcessor", "\"min_pixels\": 500, \"max_pixels\": 900",
        "\"size\": {\"shortest_edge\": 500, \"longest_edge\": 900}")]
    [InlineData("Qwen2VLImageProcessor", "\"size\": {\"min_pixels\": 500, \"max_pixels\": 900}",
        "\"size\": {\"shortest_edge\": 500, \"longest_edge\": 900}")]
    [InlineData("Qwen2VLImageProcessor", "\"max_pixels\": 90000", "\"size\": {\"shortest_edge\": 3136, \"longest_edge\": 90000}")]
    [InlineData("Qwen2_5_VLImageProcessor", "\"max_pixels\": 90000", "\"max_pixels\": 90000.0")]
    [InlineData("PixtralImageProcessor", "\"patch_size\": 7", "\"patch_size\": {\"height\": 7, \"width\": 7}")]
    public void TwoSpellingsMeanTheSame(string type, string one, string other)
    {
        string[] ignored = ["max_size", "pad_and_return_pixel_mask", "use_square_size"];
        Dictionary<string, string> Effective(string settings) => new(ImageProcessorCases.Make(type, settings).Settings
            .Where(setting => !ignored.Contains(setting.Key)));
        Assert.Equal(Effective(one), Effective(other));
        Assert.NotEqual(Effective("\"rescale_factor\": 7"), Effective(other));
    }

    [Fact]
    public void OverridesHoldInsteadOfTheFile()
    {
        ImageProcessor processor = ImageProcessorCases.Make(
            "Qwen2VLImageProcessor", "\"min_pixels\": 500, \"max_pixels\": 900",
            "{\"size\": {\"shortest_edge\": 5000, \"longest_edge\": 9000}, \"do_convert_rgb\": null}");
        Dictionary<string, string> settings = new(processor.Settings);
        Assert.Equal("{\"shortest_edge\": 5000, \"longest_edge\": 9000}", settings["size"]);
        Assert.Equal("false", settings["do_convert_rgb"]);
        Assert.Equal("true", settings["do_resize"]);
    }

    [Fact]
    public void WhatNobodyReadsIsTold()
    {
        ImageProcessor processor = ImageProcessorCases.Make(
            "BlipImageProcessor", "\"size_divisor\": 32, \"do_pad\": true, \"processor_class\": \"X\"", "{\"colour\": 1}");
        Assert.Equal(["colour", "size_divisor"], processor.UnreadSettings);
    }

    [Theory]
    [InlineData("CLIPImageProcessor", "\"size\": {\"height\": 30}", "size")]
    [InlineData("CLIPImageProcessor", "\"size\": {\"height\": 30, \"width\": 30, \"shortest_edge\": 3}", "size")]
    [InlineData("CLIPImageProcessor", "\"size\": {\"side\": 30}", "side")]
    [InlineData("CLIPImageProcessor", "\"size\": \"30\"", "size")]
    [InlineData("CLIPImageProcessor", "\"size\": -1", "size")]
    [InlineData("CLIPImageProcessor", "\"do_resize\": 1", "do_resize")]
    [InlineData("CLIPImageProcessor", "\"resample\": 9", "resample")]
    [InlineData("CLIPImageProcessor", "\"image_mean\": [1, 2]", "image_mean")]
    [InlineData("CLIPImageProcessor", "\"rescale_factor\": \"x\"", "rescale_factor")]
    [InlineData("Qwen2VLImageProcessor", "\"patch_size\": 0", "patch_size")]
    [InlineData("Qwen2VLImageProcessor", "\"patch_size\": 1.5", "patch_size")]
    [InlineData("Qwen2VLImageProcessor", "\"size\": 30", "size")]
    [InlineData("LlavaNextImageProcessor", "\"image_grid_pinpoints\": []", "image_grid_pinpoints")]
    [InlineData("LlavaNextImageProcessor", "\"image_grid_pinpoints\": [[0, 336]]", "image_grid_pinpoints")]
    [InlineData("Gemma3ImageProcessor", "\"do_pan_and_scan\": true", "pan_and_scan_min_crop_size")]
    [InlineData("MllamaImageProcessor", "\"do_pad\": false", "do_pad")]
    [InlineData("JanusImageProcessor", "\"size\": [3, 4]", "size")]
    public void ABrokenSettingIsNamed(string type, string settings, string named)
    {
        var error = Assert.Throws<InvalidDataException>(
            () => ImageProcessorCases.Make(type, settings).Plan(30, 40));
        Assert.Contains(named, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void FoldersAreReadInEveryLayout()
    {
        using var folder = new TempFolder();
        void Write(string file, string text) => File.WriteAllText(Path.Combine(folder.Path, file), text);
        Assert.Throws<FileNotFoundException>(() => ImageProcessor.Load(folder.Path));
        Write("preprocessor_config.json", "{\"size\": 30}");
        Assert.Throws<InvalidDataException>(() => ImageProcessor.Load(folder.Path));
        Write("config.json", "{\"model_type\": \"vit\"}");
        Assert.Equal("ViTImageProcessor", ImageProcessor.Load(folder.Path).Family.Type);
        Write("preprocessor_config.json", "{\"image_processor_type\": \"CLIPImageProcessorFast\", \"size\": 28, \"crop_size\": 28}");
        Write("processor_config.json", "{\"patch_size\": 14, \"processor_class\": \"LlavaProcessor\"}");
        ImageProcessor processor = ImageProcessor.Load(folder.Path);
        Assert.Equal(4, processor.Plan(90, 80).Tokens);
        Assert.Empty(processor.UnreadSettings);
        Write("processor_config.json", "{\"image_processor\": {\"image_processor_type\": \"SiglipImageProcessor\"}}");
        Assert.Equal("SiglipImageProcessor", ImageProcessor.Load(folder.Path).Family.Type);
        Write("processor_config.json", "{\"image_processor\":");
        Assert.Throws<InvalidDataException>(() => ImageProcessor.Load(folder.Path));
        Write("processor_config.json", "[]");
        Assert.Throws<InvalidDataException>(() => ImageProcessor.Load(folder.Path));
    }

    [Fact]
    public void SettingsMustBeAnObject()
    {
        Assert.Throws<InvalidDataException>(() => ImageProcessor.Create(ImageProcessorCases.Json("3")));
        Assert.Throws<InvalidDataException>(() => ImageProcessor.Create(ImageProcessorCases.Json("{}")));
        JsonElement list = ImageProcessorCases.Json("[]");
        Assert.Throws<InvalidDataException>(() => ImageProcessor.Create(ImageFamilies.All[0], null, list));
    }
}
