using System.Globalization;
using Percept.Tensors;

namespace Percept.Checkpoints;

/// <summary>
/// A place in the names of a checkpoint's tensors: <c>weights["layers"][3]["self_attn"]</c>. Modules take their tensors here,
/// and say what shape they must have.
/// </summary>
public readonly struct WeightScope
{
    private readonly WeightStore _store;

    internal WeightScope(WeightStore store, string prefix)
    {
        _store = store;
        Prefix = prefix;
    }

    /// <summary>The names' common beginning, with its dot; empty at the root.</summary>
    public string Prefix { get; }

    /// <summary>How weights are taken.</summary>
    public LoadOptions Options => _store.Options;

    /// <summary>The place one word deeper; a word may hold dots, and an empty one stays here.</summary>
    /// <param name="name">The word.</param>
    public WeightScope this[string name] => name.Length == 0 ? this : new(_store, $"{Prefix}{name}.");

    /// <summary>The place one number deeper.</summary>
    /// <param name="index">The number.</param>
    public WeightScope this[int index] => new(_store, string.Create(CultureInfo.InvariantCulture, $"{Prefix}{index}."));

    /// <summary>Whether there is a tensor of this name.</summary>
    /// <param name="name">The name from here on.</param>
    public bool Has(string name) => _store.Has(Prefix + name);

    /// <summary>Whether any tensor stands at this place or deeper.</summary>
    public bool HasAny() => _store.HasAny(Prefix);

    /// <summary>Checks how many like parts, such as layers, are about to be taken, before there is room for them.</summary>
    /// <param name="count">How many a configuration tells.</param>
    /// <param name="parts">What they are, for the error.</param>
    /// <returns>The same number.</returns>
    /// <exception cref="InvalidDataException">It is negative, or more than the checkpoint has tensors.</exception>
    public int CheckCount(int count, string parts) => _store.CheckCount(count, parts);

    /// <summary>Whether a tensor is to be trained.</summary>
    /// <param name="name">The name from here on.</param>
    /// <exception cref="KeyNotFoundException">There is no such tensor.</exception>
    public bool Trains(string name) => _store.Trains(Prefix + name);

    /// <summary>The name in the file of a tensor.</summary>
    /// <param name="name">The name from here on.</param>
    /// <exception cref="KeyNotFoundException">There is no such tensor.</exception>
    public string FileName(string name) => _store.FileName(Prefix + name);

    /// <summary>Whether any tensor at this place or deeper is to be trained.</summary>
    public bool TrainsAny() => _store.TrainsAny(Prefix);

    /// <summary>What the checkpoint says of a tensor, without taking it.</summary>
    /// <param name="name">The name from here on.</param>
    /// <exception cref="KeyNotFoundException">There is no such tensor.</exception>
    public StoredTensor Describe(string name) => _store.Describe(Prefix + name);

    /// <summary>A tensor as stored (any type): a matrix for <see cref="Ops.Linear(Tensor, Tensor, Tensor?, LinearPrecision)"/> or a table for <see cref="Ops.Embedding"/>.</summary>
    /// <param name="name">The name from here on.</param>
    /// <param name="shape">The shape that it must have.</param>
    /// <exception cref="KeyNotFoundException">There is no such tensor; the error gives the full name, the shape and the
    /// nearest name.</exception>
    /// <exception cref="InvalidDataException">It has another shape.</exception>
    /// <exception cref="NotSupportedException">It holds whole numbers, or is of a type that Percept does not read.</exception>
    public Tensor Take(string name, in Shape shape) => _store.Take(Prefix + name, shape, asFloat: false);

    /// <summary>A tensor as float32: a bias, the weight of a norm or of a convolution, a table of positions.</summary>
    /// <param name="name">The name from here on.</param>
    /// <param name="shape">The shape that it must have.</param>
    /// <exception cref="KeyNotFoundException">There is no such tensor.</exception>
    /// <exception cref="InvalidDataException">It has another shape.</exception>
    public Tensor Float(string name, in Shape shape) => _store.Take(Prefix + name, shape, asFloat: true);

    /// <summary>A tensor as float32, if there is one.</summary>
    /// <param name="name">The name from here on.</param>
    /// <param name="shape">The shape that it must have.</param>
    /// <exception cref="InvalidDataException">It has another shape.</exception>
    public Tensor? FindFloat(string name, in Shape shape) => Has(name) ? Float(name, shape) : null;
}
