using Percept.Checkpoints;

namespace Percept.Models;

/// <summary>The vision tower that an authors' checkpoint names: a folder beside it, or a model of the hub.</summary>
/// <param name="Folder">Its folder.</param>
/// <param name="Config">The configuration of its vision part.</param>
/// <param name="Family">What kind of tower it is.</param>
/// <param name="Sizes">Its sizes.</param>
/// <param name="Layers">How many layers it has.</param>
internal sealed record LlavaOriginalTower(string Folder, ConfigReader Config, VisionFamily Family, EyeSizes Sizes, int Layers)
{
    private const string Key = "mm_vision_tower";

    /// <summary>Whether it is a SigLIP, of which the authors drop the last layer and keep all tokens.</summary>
    internal bool IsSiglip => Family.ModelType.StartsWith("siglip", StringComparison.Ordinal);

    /// <summary>Finds it.</summary>
    /// <param name="checkpoint">The checkpoint's folder.</param>
    /// <param name="config">The checkpoint's configuration.</param>
    /// <exception cref="FileNotFoundException">It is not on this machine; the error says how to get it.</exception>
    internal static LlavaOriginalTower Find(string checkpoint, ConfigReader config)
    {
        string name = config.FindText(Key, "vision_tower") ?? throw new InvalidDataException(
            $"'{config.File}' has no '{Key}', expected the vision tower's folder or its name on the hub.");
        string folder = Locate(checkpoint, config, name);
        ConfigReader whole = ConfigReader.Read(Path.Combine(folder, "config.json"));

        // Folders of a whole CLIP or SigLIP describe the text tower too.
        string missing = whole.FindText("model_type") switch
        {
            "siglip" => "siglip_vision_model",
            "siglip2" => "siglip2_vision_model",
            _ => "clip_vision_model",
        };
        ConfigReader eye = whole.FindSection("vision_config") ?? whole;
        VisionFamily family = VisionFamilies.Find(eye, missing);

        // The pooling head of SigLIP is never run.
        eye.Assume("vision_use_head", "false");
        return new LlavaOriginalTower(
            folder, eye, family, EyeSizes.Read(eye, missing), eye.Int("num_hidden_layers", new VisionSizes().Layers));
    }

    /// <summary>Whether the folder holds weights too, and not only the configuration of a tower that the checkpoint holds.</summary>
    internal bool HasWeights() => Directory.EnumerateFiles(Folder).Any(static file =>
        file.EndsWith(".safetensors", StringComparison.Ordinal) || file.EndsWith(".bin", StringComparison.Ordinal));

    private static string Locate(string checkpoint, ConfigReader config, string name)
    {
        string beside = Path.Combine(checkpoint, name);
        if (Directory.Exists(beside))
        {
            return beside;
        }

        try
        {
            return ModelLocator.Resolve(name);
        }
        catch (FileNotFoundException error)
        {
            throw new FileNotFoundException(
                $"'{config.File}' names the vision tower '{name}', which is not on this machine. {error.Message}", error.FileName, error);
        }
    }
}
