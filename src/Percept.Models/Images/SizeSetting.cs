using System.Text.Json;

namespace Percept.Models;

/// <summary>A size as settings state it. Only certain combinations are valid; what they mean is up to the family.</summary>
public readonly record struct SizeSetting
{
    private static readonly string[] s_keys = ["height", "width", "shortest_edge", "longest_edge", "max_height", "max_width"];

    /// <summary>Rows; with <see cref="Width"/>.</summary>
    public int? Height { get; init; }

    /// <summary>Columns; with <see cref="Height"/>.</summary>
    public int? Width { get; init; }

    /// <summary>The shorter side, or for some families the least number of pixels.</summary>
    public int? ShortestEdge { get; init; }

    /// <summary>The longer side at the most, or for some families the greatest number of pixels.</summary>
    public int? LongestEdge { get; init; }

    /// <summary>Rows at the most; with <see cref="MaxWidth"/>.</summary>
    public int? MaxHeight { get; init; }

    /// <summary>Columns at the most; with <see cref="MaxHeight"/>.</summary>
    public int? MaxWidth { get; init; }

    /// <summary>A fixed height and width.</summary>
    /// <param name="height">Rows.</param>
    /// <param name="width">Columns.</param>
    public static SizeSetting Of(int height, int width) => new() { Height = height, Width = width };

    /// <summary>A square.</summary>
    /// <param name="side">Its side.</param>
    public static SizeSetting Square(int side) => Of(side, side);

    /// <summary>A shorter side, and a longer one where given.</summary>
    /// <param name="shortest">The shorter side.</param>
    /// <param name="longest">The longer side at the most.</param>
    public static SizeSetting Edges(int? shortest, int? longest = null) =>
        new() { ShortestEdge = shortest, LongestEdge = longest };

    /// <summary>The fixed height and width; null when not both are given and above 0.</summary>
    public ImageSize? Fixed => Height is > 0 && Width is > 0 ? new ImageSize(Height.Value, Width.Value) : null;

    /// <summary>Reads a size in any of its spellings: a number, <c>[height, width]</c>, or an object.</summary>
    /// <param name="name">The setting's name, for messages.</param>
    /// <param name="value">The setting.</param>
    /// <param name="square">Whether a number is the side of a square; else it is the shorter side.</param>
    /// <param name="maxSize">With a number as shorter side: the longer side at the most.</param>
    /// <exception cref="InvalidDataException">It is none of them, or has keys that do not go together.</exception>
    internal static SizeSetting Read(string name, JsonElement value, bool square, int? maxSize = null)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Number:
                int side = Side(name, value);
                return square ? Square(side) : Edges(side, maxSize);
            case JsonValueKind.Array when value.GetArrayLength() == 2:
                return Of(Side(name, value[0]), Side(name, value[1]));
            case JsonValueKind.Object:
                return ReadObject(name, value);
            default:
                throw new InvalidDataException(
                    $"The setting '{name}' is {value.GetRawText()}, expected a number, [height, width] or an object.");
        }
    }

    /// <inheritdoc/>
    public override string ToString()
    {
        int?[] values = [Height, Width, ShortestEdge, LongestEdge, MaxHeight, MaxWidth];
        IEnumerable<string> parts = s_keys.Zip(values).Where(part => part.Second is not null)
            .Select(part => FormattableString.Invariant($"\"{part.First}\": {part.Second}"));
        return $"{{{string.Join(", ", parts)}}}";
    }

    private static SizeSetting ReadObject(string name, JsonElement value)
    {
        var size = default(SizeSetting);
        foreach (JsonProperty part in value.EnumerateObject())
        {
            if (part.Value.ValueKind == JsonValueKind.Null)
            {
                continue;
            }

            int side = Side(name, part.Value);
            size = part.Name switch
            {
                "height" => size with { Height = side },
                "width" => size with { Width = side },
                "shortest_edge" or "min_pixels" => size with { ShortestEdge = side },
                "longest_edge" or "max_pixels" => size with { LongestEdge = side },
                "max_height" => size with { MaxHeight = side },
                "max_width" => size with { MaxWidth = side },
                _ => throw new InvalidDataException(
                    $"The setting '{name}' has the key '{part.Name}', expected {string.Join(", ", s_keys)}."),
            };
        }

        bool direct = size.Height is not null && size.Width is not null;
        bool edges = size.ShortestEdge is not null || size.LongestEdge is not null;
        bool limits = size.MaxHeight is not null && size.MaxWidth is not null;
        bool halves = (size.Height is null) != (size.Width is null) || (size.MaxHeight is null) != (size.MaxWidth is null);
        return !halves && (direct ? 1 : 0) + (edges ? 1 : 0) + (limits ? 1 : 0) == 1
            ? size
            : throw new InvalidDataException(
                $"The setting '{name}' is {value.GetRawText()}, expected height and width, or shortest_edge and/or " +
                "longest_edge, or max_height and max_width.");
    }

    private static int Side(string name, JsonElement value) =>
        JsonSettings.TryInt(value, out int side) && side >= 0
            ? side
            : throw new InvalidDataException(
                $"The setting '{name}' has the side {value.GetRawText()}, expected a whole number from 0.");
}
