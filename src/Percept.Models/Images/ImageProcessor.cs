using System.Text.Json;
using Percept.Media;

namespace Percept.Models;

/// <summary>Makes a model's inputs of pictures, as the settings of a checkpoint say.</summary>
/// <remarks>Thread-safe. What it returns belongs to the tensor scope that is open at the call.</remarks>
public sealed class ImageProcessor
{
    private const string ProcessorFile = "processor_config.json";
    private const string PreprocessorFile = "preprocessor_config.json";

    private readonly IImageFamily _family;
    private readonly bool _converts;

    internal ImageProcessor(ImageFamily family, SettingsReader settings)
    {
        Family = family;
        _family = family.Make(settings);
        UnreadSettings = settings.Unread;
        Settings = settings.Effective;
        _converts = !Settings.Any(pair => pair is { Key: "do_convert_rgb", Value: "false" });
    }

    /// <summary>The class of the processor.</summary>
    public ImageFamily Family { get; }

    /// <summary>Every setting that the class knows, with the value that holds, as JSON.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Settings { get; }

    /// <summary>Settings that were given and that the class does not know: they change nothing.</summary>
    public IReadOnlyList<string> UnreadSettings { get; }

    /// <summary>Reads the processor of a checkpoint's folder.</summary>
    /// <param name="folder">
    /// A folder with <c>processor_config.json</c> and its <c>image_processor</c>, or with <c>preprocessor_config.json</c>; where
    /// neither names a class, <c>config.json</c> names the model.
    /// </param>
    /// <param name="overrides">Settings that hold instead of the files': an object; null for none.</param>
    /// <exception cref="FileNotFoundException">The folder has neither file.</exception>
    /// <exception cref="InvalidDataException">A file is no JSON, or a setting is not understood.</exception>
    /// <exception cref="NotSupportedException">The class or one of its settings is not supported.</exception>
    public static ImageProcessor Load(string folder, JsonElement? overrides = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        JsonElement? processor = JsonSettings.Find(folder, ProcessorFile);
        bool isInner = processor is { } whole && whole.TryGetProperty("image_processor", out JsonElement inner)
            && inner.ValueKind == JsonValueKind.Object;
        JsonElement? own = isInner
            ? processor!.Value.GetProperty("image_processor")
            : JsonSettings.Find(folder, PreprocessorFile);
        if (own is not { } settings)
        {
            throw new FileNotFoundException(
                $"'{folder}' has no '{PreprocessorFile}', and no '{ProcessorFile}' with an 'image_processor'. " +
                "Put the file of the published checkpoint into the folder.",
                Path.Combine(folder, PreprocessorFile));
        }

        return JsonSettings.InFile(
            Path.Combine(folder, isInner ? ProcessorFile : PreprocessorFile), settings,
            found => new ImageProcessor(FamilyOf(found, folder), new SettingsReader(found, overrides, processor)));
    }

    /// <summary>Makes the processor that settings describe.</summary>
    /// <param name="settings">The content of <c>preprocessor_config.json</c>.</param>
    /// <param name="overrides">Settings that hold instead: an object; null for none.</param>
    /// <exception cref="InvalidDataException">The class is not named, or a setting is not understood.</exception>
    /// <exception cref="NotSupportedException">The class or one of its settings is not supported.</exception>
    public static ImageProcessor Create(JsonElement settings, JsonElement? overrides = null) => new(
        ImageFamilies.Find(TypeOf(settings)
            ?? throw new InvalidDataException("The settings name no 'image_processor_type'.")),
        new SettingsReader(settings, overrides));

    /// <summary>Makes a processor of a class.</summary>
    /// <param name="family">The class.</param>
    /// <param name="settings">Its settings; null for its defaults.</param>
    /// <param name="overrides">Settings that hold instead: an object; null for none.</param>
    public static ImageProcessor Create(ImageFamily family, JsonElement? settings, JsonElement? overrides = null)
    {
        ArgumentNullException.ThrowIfNull(family);
        return new ImageProcessor(family, new SettingsReader(settings, overrides));
    }

    /// <summary>
    /// What becomes of a picture of a size: sizes, tiles, patches, tokens. No pixel is needed, and
    /// <see cref="Process(IReadOnlyList{Image})"/> goes by the same plan.
    /// </summary>
    /// <param name="height">The picture's rows.</param>
    /// <param name="width">The picture's columns.</param>
    /// <exception cref="ArgumentException">The processor refuses pictures of this size.</exception>
    public ImagePlan Plan(int height, int width)
    {
        SizeRules.CheckSource(height, width);
        try
        {
            return _family.Plan(height, width);
        }
        catch (OverflowException error)
        {
            throw TooGreat(error);
        }
    }

    /// <summary>
    /// A picture as this class takes it: itself, or where the class does not convert and the picture is not RGB, what the reference's own
    /// loader of files gives (gray three times, alpha dropped).
    /// </summary>
    /// <param name="picture">A picture of any format.</param>
    public Image Accepted(Image picture)
    {
        ArgumentNullException.ThrowIfNull(picture);
        return picture.Format == PixelFormat.Rgb || _converts ? picture : picture.Convert(PixelFormat.Rgb);
    }

    /// <summary>Makes inputs of pictures. Families whose samples have several pictures take the list as one sample.</summary>
    /// <param name="images">The pictures, at least one.</param>
    /// <returns>Tensors by the reference's names; <c>pixel_values</c> is float32.</returns>
    /// <exception cref="ArgumentException">A picture's size is refused, or its format is not RGB and is not converted.</exception>
    public ImageInputs Process(IReadOnlyList<Image> images)
    {
        ArgumentNullException.ThrowIfNull(images);
        return Run(ImageBatch.Of(images));
    }

    /// <summary>Makes inputs of samples of several pictures each.</summary>
    /// <param name="samples">The pictures of each sample.</param>
    /// <returns>Tensors by the reference's names; <c>pixel_values</c> is float32.</returns>
    /// <exception cref="ArgumentException">A picture's size is refused, or its format is not RGB and is not converted.</exception>
    public ImageInputs Process(IReadOnlyList<IReadOnlyList<Image>> samples)
    {
        ArgumentNullException.ThrowIfNull(samples);
        return Run(ImageBatch.Of(samples));
    }

    private static ImageFamily FamilyOf(JsonElement settings, string folder) =>
        TypeOf(settings) is { } type ? ImageFamilies.Find(type)
        : JsonSettings.Find(folder, "config.json") is { } config && JsonSettings.TextOf(config, "model_type") is { } model
            ? ImageFamilies.FindByModel(model)
            : throw new InvalidDataException(
                "The settings name no 'image_processor_type', and there is no 'config.json' with a 'model_type'.");

    private static string? TypeOf(JsonElement settings)
    {
        JsonSettings.CheckObject(settings);
        return JsonSettings.TextOf(settings, "image_processor_type") ?? JsonSettings.TextOf(settings, "feature_extractor_type");
    }

    private ImageInputs Run(ImageBatch batch)
    {
        var inputs = new ImageInputs();
        try
        {
            _family.Run(batch, inputs);
        }
        catch (OverflowException error)
        {
            throw TooGreat(error);
        }

        return inputs;
    }

    /// <summary>Sizes are multiplied with checks; settings and pictures together can come to more than fits.</summary>
    internal static ArgumentException TooGreat(OverflowException error) => new(
        "The settings and the picture come to sizes over 2^31; a size, a patch size or a number of tiles is too great.", error);
}
