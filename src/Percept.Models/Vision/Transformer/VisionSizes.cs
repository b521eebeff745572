using Percept.Checkpoints;

namespace Percept.Models;

/// <summary>The sizes that every vision transformer has; as properties' defaults, those of a ViT of base size.</summary>
public sealed record VisionSizes
{
    /// <summary>hidden_size.</summary>
    public int HiddenSize { get; init; } = 768;

    /// <summary>num_hidden_layers.</summary>
    public int Layers { get; init; } = 12;

    /// <summary>num_attention_heads.</summary>
    public int Heads { get; init; } = 12;

    /// <summary>intermediate_size.</summary>
    public int IntermediateSize { get; init; } = 3072;

    /// <summary>num_channels.</summary>
    public int Channels { get; init; } = 3;

    /// <summary>image_size: rows and columns of pixels.</summary>
    public ImageSize Image { get; init; } = new(224, 224);

    /// <summary>patch_size.</summary>
    public int PatchSize { get; init; } = 16;

    /// <summary>hidden_act.</summary>
    public Activation Activation { get; init; } = Activation.Gelu;

    /// <summary>layer_norm_eps.</summary>
    public float NormEps { get; init; } = 1e-6f;

    /// <summary>Rows and columns of patches of a picture of the trained size.</summary>
    public ImageSize Grid => new(Image.Height / PatchSize, Image.Width / PatchSize);

    /// <summary>Reads them; a key that is left out has the value of <paramref name="missing"/>.</summary>
    internal static VisionSizes Read(ConfigReader config, VisionSizes missing)
    {
        ArgumentNullException.ThrowIfNull(config);
        VisionSizes sizes = new()
        {
            HiddenSize = config.Int("hidden_size", missing.HiddenSize),
            Layers = config.Int("num_hidden_layers", missing.Layers),
            Heads = config.Int("num_attention_heads", missing.Heads),
            IntermediateSize = config.Int("intermediate_size", missing.IntermediateSize),
            Channels = config.Int("num_channels", missing.Channels),
            Image = Sides(config, "image_size") ?? missing.Image,
            PatchSize = Square(config, "patch_size") ?? missing.PatchSize,
            Activation = config.Has("hidden_act") ? config.ReadActivation(string.Empty, "hidden_act") : missing.Activation,
            NormEps = (float)config.Number("layer_norm_eps", missing.NormEps),
        };
        sizes.Check(config);
        return sizes;
    }

    /// <summary>A layer of these sizes.</summary>
    internal VisionBlockOptions Block(VisionBlockNames names) => new()
    {
        HiddenSize = HiddenSize,
        Heads = Heads,
        IntermediateSize = IntermediateSize,
        Activation = Activation,
        NormEps = NormEps,
        Names = names,
    };

    /// <summary>Height and width, given as one number or two; null when absent.</summary>
    internal static ImageSize? Sides(ConfigReader config, string name) => config.FindInts(name) switch
    {
        null => null,
        [int side] => new ImageSize(side, side),
        [int height, int width] => new ImageSize(height, width),
        _ => throw config.Wrong(name, config.Values.GetProperty(name), "a whole number or two"),
    };

    private static int? Square(ConfigReader config, string name) => Sides(config, name) switch
    {
        null => null,
        { } sides when sides.Height == sides.Width => sides.Height,
        { } sides => throw config.Unsupported(name, sides.ToString(), "square patches"),
    };

    private void Check(ConfigReader config)
    {
        foreach ((string name, int value) in (ReadOnlySpan<(string, int)>)[
            ("hidden_size", HiddenSize), ("num_attention_heads", Heads), ("intermediate_size", IntermediateSize),
            ("num_channels", Channels), ("patch_size", PatchSize)])
        {
            if (value < 1)
            {
                throw new InvalidDataException($"'{name}' in '{config.File}' is {value}, expected 1 or more.");
            }
        }

        if (HiddenSize % Heads != 0)
        {
            throw new InvalidDataException(
                $"'num_attention_heads' in '{config.File}' is {Heads}, which does not divide 'hidden_size' = {HiddenSize}.");
        }

        if (Image.Height < PatchSize || Image.Width < PatchSize)
        {
            throw new InvalidDataException(
                $"'image_size' in '{config.File}' is {Image}, expected sides of 'patch_size' = {PatchSize} or more.");
        }
    }
}
