using System.Diagnostics.CodeAnalysis;
using Percept.Tensors;

namespace Percept.Models;

/// <summary>What an image processor gives: tensors by the reference's names.</summary>
/// <remarks>
/// A list whose elements have different shapes stands as <c>name.0</c>, <c>name.1</c>, … The tensors belong to the scope that
/// was open when they were made.
/// </remarks>
public sealed class ImageInputs
{
    private readonly Dictionary<string, Tensor> _tensors = new(StringComparer.Ordinal);

    /// <summary>The names.</summary>
    public IReadOnlyCollection<string> Names => _tensors.Keys;

    /// <summary>The tensor of a name.</summary>
    /// <param name="name">The name.</param>
    /// <exception cref="KeyNotFoundException">There is none; the message lists those there are.</exception>
    public Tensor this[string name] => TryGet(name, out Tensor tensor)
        ? tensor
        : throw new KeyNotFoundException($"There is no tensor '{name}', only {string.Join(", ", Names)}.");

    /// <summary>The tensor of a name, if there is one.</summary>
    /// <param name="name">The name.</param>
    /// <param name="tensor">The tensor.</param>
    public bool TryGet(string name, [MaybeNullWhen(false)] out Tensor tensor) => _tensors.TryGetValue(name, out tensor);

    internal void Add(string name, Tensor tensor) => _tensors.Add(name, tensor);

    /// <summary>Adds pictures as numbers; as bytes when their samples stayed what they were.</summary>
    internal void AddPixels(string name, Tensor pixels, PixelTable table) =>
        Add(name, table.IsRaw ? Ops.Cast(pixels, DType.U8) : pixels);

    /// <summary>Adds a list of whole numbers, <c>[n]</c>.</summary>
    internal void AddIntegers(string name, IReadOnlyList<int> values) =>
        Add(name, Tensor.From<long>([.. values.Select(static value => (long)value)], [values.Count]));

    /// <summary>Adds rows of whole numbers, <c>[n, m]</c>.</summary>
    internal void AddIntegers(string name, IReadOnlyList<int[]> rows)
    {
        int columns = rows.Count == 0 ? 0 : rows[0].Length;
        Add(name, Tensor.From<long>(
            [.. rows.SelectMany(static row => row).Select(static value => (long)value)], [rows.Count, columns]));
    }

    /// <summary>Adds sizes, <c>[n, 2]</c>: rows, then columns.</summary>
    internal void AddSizes(string name, IEnumerable<ImageSize> sizes) =>
        AddIntegers(name, [.. sizes.Select(static size => new[] { size.Height, size.Width })]);

    /// <summary>Adds lists of whole numbers, stacked when they are equally long.</summary>
    internal void AddLists(string name, IReadOnlyList<int[]> lists)
    {
        if (lists.All(list => list.Length == lists[0].Length))
        {
            AddIntegers(name, lists);
            return;
        }

        for (int i = 0; i < lists.Count; i++)
        {
            AddIntegers(FormattableString.Invariant($"{name}.{i}"), lists[i]);
        }
    }
}
