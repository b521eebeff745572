using Percept.Models;
using Xunit;

namespace Percept.Tests.Models;

/// <summary>Files of settings that are JSON but hold half characters: the error is typed and names file and key.</summary>
public sealed class BrokenSettingsTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("""{"image_processor_type":"\ud800"}""", "image_processor_type")]
    [InlineData("""{"image_processor_type":"CLIPImageProcessor","resample":"\ud800"}""", "resample")]
    [InlineData("""{"image_processor_type":"CLIPImageProcessor","size":{"shortest_edge":"\udc00"}}""", "shortest_edge")]
    [InlineData("""{"image_processor_type":"CLIPImageProcessor","\ud800":1}""", "name")]
    [InlineData("""{"feature_extractor_type":"\udfff"}""", "feature_extractor_type")]
    [InlineData("""{"feature_extractor_type":"ClapFeatureExtractor","padding":"\udfff"}""", "padding")]
    [InlineData("""{"video_processor_type":"\udfff"}""", "video_processor_type")]
    public void HalfASurrogatePairIsNamed(string json, string key)
    {
        File.WriteAllText(_folder.File("preprocessor_config.json"), json);
        foreach (Action load in (Action[])
            [() => ImageProcessor.Load(_folder.Path), () => AudioProcessor.Load(_folder.Path), () => VideoProcessor.Load(_folder.Path)])
        {
            InvalidDataException error = Assert.Throws<InvalidDataException>(load);
            Assert.Contains("preprocessor_config.json", error.Message, StringComparison.Ordinal);
            Assert.Contains(key, error.Message, StringComparison.Ordinal);
            Assert.Contains("surrogate", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void AWrongSettingNamesItsFile()
    {
        File.WriteAllText(
            _folder.File("preprocessor_config.json"), """{"image_processor_type":"CLIPImageProcessor","do_resize":3}""");
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => ImageProcessor.Load(_folder.Path));
        Assert.Contains("preprocessor_config.json", error.Message, StringComparison.Ordinal);
        Assert.Contains("do_resize", error.Message, StringComparison.Ordinal);
    }
}
