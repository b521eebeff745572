using System.Globalization;
using Percept.Tensors;

namespace Percept.Checkpoints;

/// <summary>A model in one or several GGUF files: what its configuration is read from.</summary>
internal sealed class GgufModel
{
    private readonly IReadOnlyList<GgufFile> _files;

    internal GgufModel(IReadOnlyList<GgufFile> files)
    {
        _files = files;
        Architecture = GgufArchitecture.Of(files[0]);
        Keys = new GgufKeys(files[0], Architecture);
    }

    /// <summary>The file with the metadata.</summary>
    internal GgufFile File => _files[0];

    /// <summary>The value of <c>general.architecture</c>.</summary>
    internal string Architecture { get; }

    /// <summary>The settings of the architecture.</summary>
    internal GgufKeys Keys { get; }

    /// <summary>Whether there is a tensor.</summary>
    internal bool Has(string name) => _files.Any(file => file.Tensors.ContainsKey(name));

    /// <summary>The sizes of a tensor, outermost first; null when there is none.</summary>
    internal long[]? FindSizes(string name) => Owner(name) is { } file ? [.. file.Tensors[name].Dimensions.Reverse()] : null;

    /// <summary>The elements of a small float tensor; null when there is none.</summary>
    internal float[]? FindFloats(string name)
    {
        const int Most = 1 << 16;
        if (Owner(name) is not { } file)
        {
            return null;
        }

        GgufTensor tensor = file.Tensors[name];
        if (tensor.Type != GgufTensorType.F32 || tensor.Bytes > 4 * Most)
        {
            throw new InvalidDataException(
                $"Tensor '{name}' of '{file.Path}' is {tensor.Type} of {tensor.Bytes} bytes, expected F32 of at most {4 * Most}. " +
                "Convert the model again.");
        }

        using Tensor values = file.Read(name);
        return values.ToArray<float>();
    }

    /// <summary>How many layers the tensors' names tell: one more than the highest number behind a beginning.</summary>
    internal int Layers(string prefix) => _files.SelectMany(file => file.Tensors.Keys)
        .Where(name => name.StartsWith(prefix, StringComparison.Ordinal))
        .Select(name => name.AsSpan(prefix.Length) is var rest && rest.IndexOf('.') is > 0 and var end
            && int.TryParse(rest[..end], NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number + 1 : 0)
        .DefaultIfEmpty(0).Max();

    /// <summary>The number of layers, which metadata and tensors must tell alike.</summary>
    internal int CheckedLayers(string key, string prefix)
    {
        int told = Keys.Count(key), found = Layers(prefix);
        return told == found ? told : throw new InvalidDataException(
            $"'{File.Path}' has '{Keys.Key(key)}' = {told}, but tensors of {found} layers. Download it again, with all of its parts.");
    }

    private GgufFile? Owner(string name) => _files.FirstOrDefault(file => file.Tensors.ContainsKey(name));
}
