using System.Text.Json;
using Percept.Media;
using Percept.Models;

namespace Percept.Conformance;

/// <summary>
/// Runs an image processor on the pictures <c>images</c>, a list of files or of lists of files. The settings are those of the
/// folder <c>config</c>, or of <c>checkpoint</c>; <c>kwargs</c> hold instead. <c>convert</c>: the caller converts first.
/// </summary>
internal static class ImageProcess
{
    /// <summary>The class that takes clips: a case gives pictures for frames, each followed by its mirror image.</summary>
    private const string ClipType = "VideoMAEImageProcessor";

    /// <summary>An argument of the call that is for texts; pictures have nothing to do with it.</summary>
    private const string TextArgument = "padding";

    /// <summary>What callers of a whole model's processor give for its texts; those of pictures ignore it.</summary>
    private const string TextSetting = "padding";

    private static readonly ImageDecodeOptions s_asStored = new() { ApplyOrientation = false };

    private static IReadOnlyList<Image> Clip(Image image) => [image, image.Turned(ImageTurn.FlipLeftRight)];

    internal static bool Takes(RunContext context) =>
        context.Run.Args.TryGetProperty("images", out _) && !ProcessVerb.HasText(context);

    internal static void Run(RunContext context)
    {
        RunArgs args = context.Args;
        JsonElement images = args.Need("images");
        bool converts = args.Choice("convert", "", "", "RGB") == "RGB";
        JsonElement? overrides = args.Find("kwargs");
        string config = args.Text("config", "checkpoint");
        ImageProcessor processor = args.Find("preprocess") is { } openClip
            ? ImageProcessor.Create(ImageFamilies.FindByModel("open_clip"), openClip, overrides)
            : ImageProcessor.Load(context.PathOf(config), overrides);
        if (overrides is { } given && processor.UnreadSettings.FirstOrDefault(
            name => name != TextArgument && given.TryGetProperty(name, out _)) is { } unread)
        {
            throw new InvalidDataException($"The processor does not know the setting '{unread}' of 'kwargs'.");
        }

        JsonElement[] items = [.. images.EnumerateArray()];

        // A plain list for a class that takes clips is one clip.
        bool isClip = processor.Family.Type == ClipType;
        ImageInputs inputs = items.Length > 0 && items[0].ValueKind == JsonValueKind.Array
            ? processor.Process([.. items.Select(sample => Pictures(sample.EnumerateArray()))])
            : processor.Process(Pictures(items));
        foreach (string name in inputs.Names)
        {
            SampledOutputs.Give(context, name, inputs[name]);
        }

        IReadOnlyList<Image> Pictures(IEnumerable<JsonElement> files) =>
            isClip ? [.. files.Select(Open).SelectMany(Clip)] : [.. files.Select(Open)];

        Image Open(JsonElement file)
        {
            Image image = ImageDecoder.Decode(context.Bytes(file.GetString()!), s_asStored);
            return converts ? image.Convert(PixelFormat.Rgb) : image;
        }
    }
}
