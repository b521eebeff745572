using System.Text.Json;
using Percept.Data;

namespace Percept.Cli;

/// <summary>What there is to say about a medium of a sample.</summary>
/// <param name="Kind">image, sound or clip.</param>
/// <param name="Name">What the dataset calls it.</param>
internal sealed record ShownMedium(string Kind, string Name)
{
    /// <summary>Pixels of a row, of an image.</summary>
    internal int? Width { get; private init; }

    /// <summary>Rows of pixels, of an image.</summary>
    internal int? Height { get; private init; }

    /// <summary>Samples a second, of a sound.</summary>
    internal int? SampleRate { get; private init; }

    /// <summary>Frames of a clip.</summary>
    internal int? Frames { get; private init; }

    /// <summary>How long a sound or clip is.</summary>
    internal double? Seconds { get; private init; }

    /// <summary>Looks at a medium, which is decoded for it.</summary>
    internal static ShownMedium Of(MediaReference media)
    {
        switch (media.Kind)
        {
            case DataPartKind.Image:
                Percept.Media.Image image = media.LoadImage();
                return new ShownMedium("image", media.Name) { Width = image.Width, Height = image.Height };
            case DataPartKind.Audio:
                Percept.Media.Sound sound = media.LoadSound();
                return new ShownMedium("sound", media.Name) { Seconds = sound.Seconds, SampleRate = sound.SampleRate };
            default:
                var clip = new ShownMedium("clip", media.Name);
                _ = media.LoadClip(frames =>
                {
                    clip = clip with { Frames = frames.Count, Seconds = frames.Seconds };
                    return [];
                });
                return clip;
        }
    }

    /// <summary>The kind, the name and the size.</summary>
    public override string ToString() => FormattableString.Invariant($"{Kind} {Name}, ") + Kind switch
    {
        "image" => FormattableString.Invariant($"{Width}×{Height}"),
        "sound" => FormattableString.Invariant($"{Seconds:0.0} s at {SampleRate} Hz"),
        _ => FormattableString.Invariant($"{Frames} frames, {Seconds:0.0} s"),
    };

    /// <summary>Writes the same as one object.</summary>
    internal void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("kind", Kind);
        json.WriteString("name", Name);
        foreach ((string name, double? value) in new[]
        {
            ("width", Width), ("height", (double?)Height), ("sample_rate", SampleRate), ("frames", Frames), ("seconds", Seconds),
        })
        {
            if (value is not null)
            {
                JsonOutput.Number(json, name, value);
            }
        }

        json.WriteEndObject();
    }
}
