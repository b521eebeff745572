using System.Text;
using System.Text.Json.Nodes;
using Percept.Checkpoints;

namespace Percept.Models;

/// <summary>Opens GGUF files as what a model is made of: a language model, a tower, or both together.</summary>
internal static class GgufLoading
{
    /// <summary>Whether a path is a GGUF file, or a folder that holds nothing but GGUF files.</summary>
    internal static bool Is(string path) => FileOf(path) is not null;

    /// <summary>The language model's file (or a lone tower's) at a path; null when there is none.</summary>
    /// <exception cref="InvalidDataException">A folder holds several; the message lists them.</exception>
    internal static string? FileOf(string path)
    {
        if (File.Exists(path))
        {
            return IsGguf(path) ? path : null;
        }

        if (!Directory.Exists(path) || File.Exists(Path.Combine(path, "config.json")))
        {
            return null;
        }

        IReadOnlyList<string> models = GgufCompanions.Models(path);
        return models.Count switch
        {
            0 => GgufCompanions.Towers(path) is [string tower] ? tower : null,
            1 => models[0],
            _ => throw new InvalidDataException(
                $"'{path}' holds {models.Count} language models: {string.Join(", ", models.Select(Path.GetFileName))}. Name the file that you mean."),
        };
    }

    /// <summary>The files and the configuration of a model.</summary>
    /// <param name="file">The language model or a lone tower.</param>
    /// <param name="options">How weights are taken.</param>
    /// <param name="companion">The tower; null to look for one in the same folder.</param>
    internal static ModelFiles Open(string file, LoadOptions? options, string? companion = null)
    {
        var opened = new List<(TensorSource Source, KeyMap Map)>();
        try
        {
            GgufSource model = GgufSource.Open(file);
            opened.Add((model, GgufNames.For(model)));
            JsonObject config = GgufArchitecture.Read(model);
            if (GgufCompanions.IsCompanion(model.File))
            {
                config["percept_tower_alone"] = true;
            }
            else if ((companion ?? GgufCompanions.Find(file)) is { } path)
            {
                GgufSource tower = GgufSource.Open(path);
                opened.Add((tower, GgufNames.For(tower)));
                opened[0] = (model, opened[0].Map.Then(KeyMap.Identity.Rename("{*}", "language_model.{*}")));
                JsonObject text = config;
                config = GgufArchitecture.Read(tower);
                config["text_config"] = text;
                if (GgufArchitecture.FindImageToken(model.File) is { } token)
                {
                    config["image_token_index"] = token;
                }
            }

            return new ModelFiles(file, ConfigReader.Parse(Encoding.UTF8.GetBytes(config.ToJsonString()), file), opened, options);
        }
        catch
        {
            opened.ForEach(pair => pair.Source.Dispose());
            throw;
        }
    }

    private static bool IsGguf(string file)
    {
        Span<byte> magic = stackalloc byte[4];
        using FileStream stream = File.OpenRead(file);
        return stream.ReadAtLeast(magic, 4, throwOnEndOfStream: false) == 4 && magic.SequenceEqual("GGUF"u8);
    }
}
