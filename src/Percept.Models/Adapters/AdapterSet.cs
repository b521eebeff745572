using Percept.Checkpoints;
using Percept.Tensors;

namespace Percept.Models;

/// <summary>The adapters of one model, of which one or none acts at a time.</summary>
/// <remarks>
/// <see cref="Active"/> may be changed between forward passes, for all threads at once: one adapter a task, or none for the
/// model as it was.
/// </remarks>
public sealed class AdapterSet
{
    /// <summary>What no adapter is called: the model as it was.</summary>
    public const string None = "none";

    private readonly Adapter[] _adapters;
    private readonly List<(string File, Linear Layer)> _layers = [];
    private int _active;

    /// <summary>Makes a set; its first adapter acts.</summary>
    /// <param name="adapters">The adapters, none of which is another model's.</param>
    /// <exception cref="ArgumentException">There is none, or two have one name.</exception>
    /// <exception cref="NotSupportedException">Several adapters hold whole parts of the model, which cannot be switched.</exception>
    public AdapterSet(params Adapter[] adapters)
    {
        ArgumentNullException.ThrowIfNull(adapters);
        ArgumentOutOfRangeException.ThrowIfZero(adapters.Length, nameof(adapters));
        if (adapters.DistinctBy(adapter => adapter.Name).Count() != adapters.Length)
        {
            throw new ArgumentException("Two adapters have the same name. Give each its own.", nameof(adapters));
        }

        if (adapters.Any(adapter => adapter.Name == None))
        {
            throw new ArgumentException($"An adapter is called '{None}', which means the model without one. Give it another name.", nameof(adapters));
        }

        if (adapters.Length > 1 && adapters.FirstOrDefault(adapter => adapter.Config.WholeParts.Count > 0) is { } whole)
        {
            throw new NotSupportedException(
                $"The adapter '{whole.Name}' holds whole parts of the model ({string.Join(", ", whole.Config.WholeParts)}), which cannot " +
                "be switched on and off. Load it alone, or merge it.");
        }

        _adapters = adapters;
    }

    /// <summary>The adapters.</summary>
    public IReadOnlyList<Adapter> All => _adapters;

    /// <summary>The adapter that acts; null for none.</summary>
    /// <exception cref="ArgumentException">The adapter set is not one of the set's.</exception>
    public Adapter? Active
    {
        get => _active < 0 ? null : _adapters[_active];
        set => _active = value is null ? -1
            : Array.IndexOf(_adapters, value) is var index and >= 0 ? index
            : throw new ArgumentException($"The adapter '{value.Name}' is none of these. Load it with the model.", nameof(value));
    }

    /// <summary>Finds an adapter.</summary>
    /// <param name="name">Its name, or <see cref="None"/>.</param>
    /// <returns>The adapter; null for none.</returns>
    /// <exception cref="ArgumentException">There is none of this name.</exception>
    public Adapter? Find(string name) => name == None ? null
        : Array.Find(_adapters, adapter => adapter.Name == name)
        ?? throw new ArgumentException(
            $"There is no adapter '{name}'; there are {string.Join(", ", _adapters.Select(adapter => adapter.Name))}, and '{None}' for the " +
            "model without one.",
            nameof(name));

    /// <summary>The number of the adapter that acts; −1 for none.</summary>
    internal int ActiveIndex => _active;

    internal void Bind(WeightStore store, KeyMap map) => Array.ForEach(_adapters, adapter => adapter.Bind(store, map));

    internal void Finish() => Array.ForEach(_adapters, adapter => adapter.Finish());

    /// <summary>The layers that adapters stand beside, each with the name of its weight in the checkpoint's file.</summary>
    internal IReadOnlyList<(string File, Linear Layer)> Layers => _layers;

    /// <summary>A layer, with what the adapters make of it.</summary>
    /// <param name="scope">Where its weight stands.</param>
    /// <param name="weight">W [out, in].</param>
    /// <param name="bias">b [out]; null for none.</param>
    internal Linear Attach(WeightScope scope, Tensor weight, Tensor? bias)
    {
        string layer = scope.Prefix.TrimEnd('.');
        var own = new ILinearAdapter?[_adapters.Length];
        for (int i = 0; i < own.Length; i++)
        {
            own[i] = _adapters[i].Attach(layer, weight);
        }

        if (own.All(adapter => adapter is null))
        {
            return new Linear(weight, bias, scope.Options.Precision);
        }

        var adapted = new Linear(weight, bias, scope.Options.Precision, new LayerAdapters(this, own));
        _layers.Add((scope.FileName("weight"), adapted));
        return adapted;
    }
}
