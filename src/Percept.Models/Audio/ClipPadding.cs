using System.Text.Json;

namespace Percept.Models;

/// <summary>
/// How clips of a batch come to the same length: the arguments <c>padding</c>, <c>max_length</c>, <c>truncation</c> and
/// <c>pad_to_multiple_of</c> of transformers' <c>SequenceFeatureExtractor.pad</c>.
/// </summary>
internal sealed class ClipPadding
{
    private readonly int? _multiple;

    private ClipPadding(bool pads, bool toLongest, int? maxLength, bool truncates, int? multiple)
    {
        Pads = pads;
        ToLongest = toLongest;
        MaxLength = maxLength;
        Truncates = truncates;
        _multiple = multiple;
    }

    /// <summary>Whether clips are padded at all; without, they must be equally long.</summary>
    internal bool Pads { get; }

    private bool ToLongest { get; }

    private int? MaxLength { get; }

    private bool Truncates { get; }

    /// <summary>Reads the call's arguments.</summary>
    /// <param name="settings">The settings.</param>
    /// <param name="padding">The family's default: <c>longest</c>, <c>max_length</c> or <c>do_not_pad</c>.</param>
    /// <param name="maxLength">The family's default.</param>
    /// <param name="truncation">The family's default.</param>
    /// <param name="multiple">The family's default of <c>pad_to_multiple_of</c>.</param>
    internal static ClipPadding Read(
        AudioSettings settings, string padding, int? maxLength = null, bool truncation = false, int? multiple = null)
    {
        string strategy = settings.FindInCall("padding") is not { } given ? padding : given.ValueKind switch
        {
            JsonValueKind.True => "longest",
            JsonValueKind.False => "do_not_pad",
            JsonValueKind.String => JsonSettings.Text("padding", given),
            _ => throw JsonSettings.Wrong("padding", given, "true, false or a text"),
        };
        if (strategy is not ("longest" or "max_length" or "do_not_pad"))
        {
            throw new InvalidDataException(
                $"The argument 'padding' is '{strategy}', expected 'longest', 'max_length' or 'do_not_pad'.");
        }

        int? length = Int(settings, "max_length") ?? maxLength;
        bool truncates = settings.FindInCall("truncation") is { } cut ? JsonSettings.Flag("truncation", cut) : truncation;
        if (length is null && (truncates || strategy == "max_length"))
        {
            throw new InvalidDataException("Padding or cutting to 'max_length' needs that argument.");
        }

        if (settings.Text("padding_side", "right") != "right")
        {
            throw new NotSupportedException("Padding on the left of sounds is not supported; set 'padding_side' to 'right'.");
        }

        return new ClipPadding(
            strategy != "do_not_pad", strategy == "longest", length, truncates, Int(settings, "pad_to_multiple_of") ?? multiple);
    }

    /// <summary>The lengths that are kept of each clip, and the one that all are padded to.</summary>
    internal (int[] Kept, int Length) Apply(IReadOnlyList<int> lengths)
    {
        int most = MaxLength is { } length ? RoundUp(length) : int.MaxValue;
        int[] kept = [.. lengths.Select(own => Truncates ? Math.Min(own, most) : own)];
        if (!Pads)
        {
            return kept.All(own => own == kept[0])
                ? (kept, kept[0])
                : throw new ArgumentException("Sounds of different lengths need 'padding' to go into one batch.", nameof(lengths));
        }

        int target = RoundUp(ToLongest ? kept.Max() : MaxLength!.Value);
        return kept.All(own => own <= target)
            ? (kept, target)
            : throw new ArgumentException(
                $"A sound is longer than 'max_length' of {target}; allow 'truncation' or pad to the longest.", nameof(lengths));
    }

    /// <summary>The mask <c>[clips, length]</c>: 1 where a clip is, 0 where padding is.</summary>
    internal static int[] Mask(int[] kept, int length)
    {
        var mask = new int[checked(kept.Length * length)];
        for (int i = 0; i < kept.Length; i++)
        {
            mask.AsSpan(i * length, kept[i]).Fill(1);
        }

        return mask;
    }

    private int RoundUp(int length) => _multiple is { } multiple ? checked((length + multiple - 1) / multiple * multiple) : length;

    private static int? Int(AudioSettings settings, string name)
    {
        if (settings.FindInCall(name) is not { } found)
        {
            return null;
        }

        int value = JsonSettings.Int(name, found);
        return value >= 1 ? value : throw JsonSettings.Wrong(name, found, "a whole number from 1");
    }
}
