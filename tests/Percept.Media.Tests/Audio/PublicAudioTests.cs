using Xunit;

namespace Percept.Media.Tests;

/// <summary>The test files of other projects' decoders, where the data folder is present.</summary>
public class PublicAudioTests
{
    [Theory]
    [InlineData("hound/wav")]
    [InlineData("scipy/wav")]
    [InlineData("xiph-flac/wav")]
    [InlineData("claxon/flac")]
    [InlineData("xiph-flac/flac")]
    [InlineData("minimp3/mp3")]
    public void FilesAreRead(string folder)
    {
        foreach (string file in Files(folder))
        {
            var options = new AudioDecodeOptions { VerifyChecksum = true };
            Exception? error = Record.Exception(() => AudioDecoder.Decode(File.ReadAllBytes(file), options));
            Assert.True(error is null, $"{Path.GetFileName(file)}: {error?.Message}");
        }
    }

    [Theory]
    [InlineData("hound/wav_refused")]
    [InlineData("scipy/wav_refused")]
    [InlineData("claxon/flac_refused")]
    [InlineData("ietf-flac/flac_refused")]
    public void FilesAreRefused(string folder)
    {
        foreach (string file in Files(folder))
        {
            Exception? error = Record.Exception(() => AudioDecoder.Decode(File.ReadAllBytes(file)));
            Assert.True(
                error is InvalidDataException or NotSupportedException, $"{Path.GetFileName(file)}: {error?.ToString() ?? "was read"}");
        }
    }

    private static string[] Files(string folder)
    {
        string? root = Environment.GetEnvironmentVariable("PERCEPT_GOLDENS") is { Length: > 0 } pack
            ? Path.Combine(Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(pack))!, "data", "media-public")
            : Above(AppContext.BaseDirectory);
        string path = Path.Combine(root ?? "", folder);
        Assert.SkipUnless(Directory.Exists(path), "The folder of public media files is not here.");
        string[] files = Directory.GetFiles(path);
        Assert.NotEmpty(files);
        return files;
    }

    private static string? Above(string start)
    {
        for (DirectoryInfo? at = new(start); at is not null; at = at.Parent)
        {
            string candidate = Path.Combine(at.FullName, "shared", "data", "media-public");
            if (Directory.Exists(candidate))
            {
                return candidate;
            }
        }

        return null;
    }
}
