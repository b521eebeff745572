using System.Globalization;
using System.Text.Json;
using Percept.Checkpoints;

namespace Percept.Models;

/// <summary>What a processor's own files tell of a model of the LLaVA line, where its configuration is missing.</summary>
internal static class LlavaSettings
{
    /// <summary>How many rows media become.</summary>
    /// <exception cref="InvalidDataException">The files do not tell.</exception>
    internal static LlavaLayout Layout(ProcessorFiles files, LlavaKind kind, ImageProcessor images)
    {
        int tile = images.Plan(256, 256).Tile.Height;
        int patch = files.FindInt("patch_size")
            ?? (files.FindInt("num_image_tokens") is { } tokens and > 0 ? tile / (int)Math.Sqrt(tokens) : default(int?))
            ?? throw new InvalidDataException(
                $"'{files.Folder}' tells neither by a 'config.json' nor by 'patch_size' in 'processor_config.json' how many tokens " +
                "a picture takes. Add the 'config.json' of the model.");
        int prefix = files.FindInt("num_additional_image_tokens") ?? 0;
        return new LlavaLayout(kind.Read(Config(files, images)), tile, patch, prefix);
    }

    /// <summary>The settings under the names that a model's configuration has for them.</summary>
    private static ConfigReader Config(ProcessorFiles files, ImageProcessor images)
    {
        var json = new List<string>();
        foreach (string name in (ReadOnlySpan<string>)["vision_feature_select_strategy", "vision_aspect_ratio"])
        {
            if (files.Find(name) is { } value)
            {
                json.Add($"\"{name}\": {value.GetRawText()}");
            }
        }

        json.AddRange(images.Settings.Where(setting => setting.Key == "image_grid_pinpoints")
            .Select(setting => string.Create(CultureInfo.InvariantCulture, $"\"{setting.Key}\": {setting.Value}")));
        using JsonDocument document = JsonDocument.Parse($"{{{string.Join(", ", json)}}}");
        return new ConfigReader(document.RootElement.Clone(), Path.Combine(files.Folder, "processor_config.json"));
    }
}
