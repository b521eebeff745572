namespace Percept.Checkpoints;

/// <summary>Reads the settings of one architecture out of a GGUF file's metadata, as numbers that can be meant.</summary>
internal sealed class GgufKeys(GgufFile file, string architecture)
{
    /// <summary>The file.</summary>
    internal GgufFile File => file;

    /// <summary>Whether there is a setting.</summary>
    internal bool Has(string name) => file.TryGetType(Key(name), out _);

    /// <summary>A count or size that must be there.</summary>
    internal int Count(string name) => FindCount(name) ?? throw new InvalidDataException(
        $"'{file.Path}' has no '{Key(name)}', which says the size of its model. Convert the model again.");

    /// <summary>A count or size; null when it is not there. An array, one value a layer, counts when all are the same.</summary>
    internal int? FindCount(string name)
    {
        string key = Key(name);
        long? value;
        if (file.TryGetType(key, out GgufValueType type) && type == GgufValueType.Array)
        {
            int[] values = [.. file.FindInt32s(key)!.Distinct()];
            value = values.Length == 1
                ? values[0]
                : throw new NotSupportedException(
                    $"'{file.Path}' has '{key}' of {values.Length} different values, one a layer; Percept runs models whose layers " +
                    "are alike.");
        }
        else
        {
            value = file.FindInteger(key);
        }

        return value switch
        {
            null => null,
            >= 0 and <= int.MaxValue => (int)value,
            _ => throw new InvalidDataException(
                $"'{file.Path}' has '{key}' = {value}, expected 0 to {int.MaxValue}. Convert the model again."),
        };
    }

    /// <summary>A number, whole or not; null when it is not there.</summary>
    internal double? FindNumber(string name)
    {
        string key = Key(name);
        double? value = !file.TryGetType(key, out GgufValueType type) ? null
            : type is GgufValueType.Float32 or GgufValueType.Float64 ? file.FindNumber(key)
            : file.FindInteger(key);
        return value is null || float.IsFinite((float)value.Value)
            ? value
            : throw new InvalidDataException($"'{file.Path}' has '{key}' = {value}, expected a finite number. Convert the model again.");
    }

    /// <summary>A text; null when it is not there.</summary>
    internal string? FindText(string name) => file.FindText(Key(name));

    /// <summary>The full key of a setting.</summary>
    internal string Key(string name) => $"{architecture}.{name}";
}
