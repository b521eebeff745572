using System.Text.Json;

namespace Percept.Inference;

/// <summary>The value of one setting, read strictly.</summary>
/// <param name="Name">The setting's reference name.</param>
/// <param name="Value">Its value; never null.</param>
/// <param name="Source">Where it comes from, for messages.</param>
internal readonly record struct SettingValue(string Name, JsonElement Value, string Source)
{
    internal int Int() => AsInt(Value, "a whole number");

    internal double Number() => AsNumber(Value, "a number");

    /// <summary>A span of time in seconds.</summary>
    internal TimeSpan Seconds()
    {
        double seconds = Number();
        return Math.Abs(seconds) < TimeSpan.MaxValue.TotalSeconds ? TimeSpan.FromSeconds(seconds) : throw Wrong("seconds below 9e11");
    }

    internal bool Flag() => Value.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw Wrong("true or false"),
    };

    internal ulong Seed() => Value.ValueKind == JsonValueKind.Number && Value.TryGetUInt64(out ulong seed)
        ? seed
        : throw Wrong("a whole number from 0");

    /// <summary>A list of texts; a single text is a list of one.</summary>
    internal string[] Texts() => Value.ValueKind == JsonValueKind.Array
        ? [.. Items(Value, "a text or a list of texts").Select(AsText)]
        : [AsText(Value)];

    /// <summary>A list of ids; a single id is a list of one.</summary>
    internal int[] Ids() => Value.ValueKind == JsonValueKind.Array ? AsIds(Value) : [Int()];

    internal int[][] IdLists() => [.. Items(Value, "a list of lists of ids").Select(AsIds)];

    internal SequenceBias[] Biases() => [.. Items(Value, "a list of [ids, bias]").Select(AsBias)];

    internal EarlyStopping Stopping() => Value.ValueKind switch
    {
        JsonValueKind.True => EarlyStopping.AtBeamCount,
        JsonValueKind.False => EarlyStopping.Off,
        JsonValueKind.String when Value.ValueEquals("never") => EarlyStopping.Never,
        _ => throw Wrong("true, false or \"never\""),
    };

    internal LengthDecay Decay()
    {
        const string Expected = "[start, factor]";
        JsonElement[] pair = Items(Value, Expected);
        return pair.Length == 2
            ? new LengthDecay(AsInt(pair[0], Expected), AsNumber(pair[1], Expected))
            : throw Wrong(Expected);
    }

    private SequenceBias AsBias(JsonElement item)
    {
        const string Expected = "a list of [ids, bias]";
        JsonElement[] pair = Items(item, Expected);
        return pair.Length == 2
            ? new SequenceBias(AsIds(pair[0]), (float)AsNumber(pair[1], Expected))
            : throw Wrong(Expected);
    }

    private int[] AsIds(JsonElement list)
    {
        SettingValue self = this;
        return [.. Items(list, "a list of ids").Select(item => self.AsInt(item, "a list of ids"))];
    }

    private JsonElement[] Items(JsonElement list, string expected) =>
        list.ValueKind == JsonValueKind.Array ? [.. list.EnumerateArray()] : throw Wrong(expected);

    private string AsText(JsonElement item)
    {
        try
        {
            return item.ValueKind == JsonValueKind.String ? item.GetString()! : throw Wrong("a text or a list of texts");
        }
        catch (InvalidOperationException)
        {
            throw Wrong("a text of whole characters");
        }
    }

    // Some files write 50.0 where a whole number is meant.
    private int AsInt(JsonElement item, string expected)
    {
        if (item.ValueKind == JsonValueKind.Number)
        {
            if (item.TryGetInt32(out int number))
            {
                return number;
            }

            double real = item.GetDouble();
            if (Math.Abs(real) <= int.MaxValue && Math.Floor(real) == real)
            {
                return (int)real;
            }
        }

        throw Wrong(expected);
    }

    private double AsNumber(JsonElement item, string expected) =>
        item.ValueKind == JsonValueKind.Number && double.IsFinite(item.GetDouble()) ? item.GetDouble() : throw Wrong(expected);

    private InvalidDataException Wrong(string expected) =>
        new($"{Source} sets '{Name}' to {Value.GetRawText()}, expected {expected}.");
}
