namespace Percept.Models;

/// <summary>A class of image processors that is supported.</summary>
public sealed class ImageFamily
{
    private readonly Func<SettingsReader, IImageFamily> _make;

    internal ImageFamily(
        string type, IReadOnlyList<string> modelTypes, Func<SettingsReader, IImageFamily> make)
    {
        Type = type;
        ModelTypes = modelTypes;
        _make = make;
    }

    /// <summary>The name of the class as settings have it, without a suffix of its backend: <c>CLIPImageProcessor</c>.</summary>
    public string Type { get; }

    /// <summary>The <c>model_type</c>s whose checkpoints use it; the first names the family.</summary>
    public IReadOnlyList<string> ModelTypes { get; }

    /// <summary>The family's name: its first model type.</summary>
    public string Name => ModelTypes[0];

    /// <summary>The processor with the class's own defaults.</summary>
    public ImageProcessor CreateDefault() => new(this, new SettingsReader(null));

    internal IImageFamily Make(SettingsReader settings) => _make(settings);
}
