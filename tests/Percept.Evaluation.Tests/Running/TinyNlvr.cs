using System.IO.Compression;
using Percept.Media;

namespace Percept.Evaluation.Tests;

/// <summary>A folder like that of NLVR: two statements, one with two layouts, with all six orders of each picture.</summary>
internal static class TinyNlvr
{
    public static readonly (string Id, string Sentence, string Label)[] Lines =
    [
        ("12-0", "There is a black square.", "true"), ("12-1", "There is a black square.", "false"), ("7-0", "All boxes are empty.", "false"),
    ];

    public static string Write(string folder, bool withAllPictures = true)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllLines(Path.Combine(folder, "dev.jsonl"), Lines.Select(line =>
            $$"""{"sentence":"{{line.Sentence}}","label":"{{line.Label}}","identifier":"{{line.Id}}","directory":"0"}"""));
        using ZipArchive archive = ZipFile.Open(Path.Combine(folder, "dev.zip"), ZipArchiveMode.Create);
        foreach ((string id, _, _) in Lines)
        {
            for (int order = 0; order < (withAllPictures || id != "7-0" ? 6 : 5); order++)
            {
                using Stream entry = archive.CreateEntry($"dev/0/dev-{id}-{order}.png", CompressionLevel.NoCompression).Open();
                var picture = new Image(40, 10, PixelFormat.Rgb);
                picture.Pixels.Fill((byte)(40 * order));
                entry.Write(PngEncoder.Encode(picture));
            }
        }

        return folder;
    }
}
