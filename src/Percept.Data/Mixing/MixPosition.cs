using System.Text.Json;
using System.Text.Json.Serialization;

namespace Percept.Data;

/// <summary>How far a mix has been read; written into checkpoints, and enough to go on exactly.</summary>
public sealed record MixPosition
{
    /// <summary>How many samples have been given in all.</summary>
    public long Given { get; set; }

    /// <summary>How many of them each dataset gave.</summary>
    public IReadOnlyList<long> Drawn { get; set; } = [];

    /// <summary>Tells the mix: names, sizes, weights and seed. A position of another mix is refused.</summary>
    public string Mix { get; set; } = "";

    /// <summary>How many batches have been given since the mix stood here; for <see cref="LengthBatches"/>.</summary>
    public int Batches { get; set; }

    /// <summary>The position as JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, MixPositionJson.Default.MixPosition);

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <param name="json">The text.</param>
    /// <exception cref="InvalidDataException">It is no position.</exception>
    public static MixPosition FromJson(string json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, MixPositionJson.Default.MixPosition)
                ?? throw new InvalidDataException("The position of the mix is null. Start from an older checkpoint.");
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"The position of the mix is no JSON: {error.Message} Start from an older checkpoint.", error);
        }
    }
}

/// <summary>Reads and writes positions without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(MixPosition))]
internal sealed partial class MixPositionJson : JsonSerializerContext;
