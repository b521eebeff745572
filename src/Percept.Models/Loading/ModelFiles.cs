using Percept.Checkpoints;

namespace Percept.Models;

/// <summary>What a model is made of: its configuration and its weights, wherever they lie.</summary>
/// <remarks>Used by one thread, while a model is loaded.</remarks>
public sealed class ModelFiles : IDisposable
{
    private readonly List<TensorSource> _sources = [];
    private readonly IReadOnlyList<(TensorSource Source, KeyMap Map)>? _given;
    private readonly WeightStore _store;

    /// <summary>Makes it of a configuration and a checkpoint.</summary>
    /// <param name="path">The folder or file.</param>
    /// <param name="config">The configuration.</param>
    /// <param name="options">How weights are taken.</param>
    public ModelFiles(string path, ConfigReader config, LoadOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(config);
        Path = path;
        Config = config;
        _store = new WeightStore(options);
    }

    /// <summary>Makes it of a configuration and checkpoints that are open already, each with names of its own.</summary>
    /// <param name="path">The folder or file, as errors name it.</param>
    /// <param name="config">The configuration.</param>
    /// <param name="sources">The checkpoints, and how their names become those of the hub.</param>
    /// <param name="options">How weights are taken.</param>
    public ModelFiles(
        string path, ConfigReader config, IReadOnlyList<(TensorSource Source, KeyMap Map)> sources, LoadOptions? options = null)
        : this(path, config, options)
    {
        ArgumentNullException.ThrowIfNull(sources);
        _given = sources;
        _sources.AddRange(sources.Select(pair => pair.Source));
    }

    /// <summary>The folder or file.</summary>
    public string Path { get; }

    /// <summary>The configuration.</summary>
    public ConfigReader Config { get; }

    /// <summary>How weights are taken.</summary>
    public LoadOptions Options => _store.Options;

    private AdapterSet? Adapters => (Options as ModelLoadOptions)?.Adapters;

    /// <summary>The weights, once <see cref="Open"/> was called.</summary>
    public WeightScope Weights => _store.Root;

    /// <summary>Opens the checkpoint.</summary>
    /// <param name="map">How its names become the model's.</param>
    /// <returns>The weights.</returns>
    public WeightScope Open(KeyMap map)
    {
        if (_given is null)
        {
            Add(Path, map);
        }

        foreach ((TensorSource source, KeyMap own) in _given ?? [])
        {
            _store.Add(source, own.Then(map));
        }

        Adapters?.Bind(_store, map);
        return _store.Root;
    }

    /// <summary>Adds the tensors of another folder or file.</summary>
    /// <param name="path">The folder or file.</param>
    /// <param name="map">How its names become the model's.</param>
    /// <param name="spare">Whether tensors that are there already win and what is left is no error.</param>
    /// <returns>The weights.</returns>
    public WeightScope Add(string path, KeyMap map, bool spare = false)
    {
        TensorSource source = TensorSource.Open(path);
        _sources.Add(source);
        _store.Add(source, map, spare);
        return _store.Root;
    }

    /// <summary>Ends loading: every tensor must have been taken.</summary>
    /// <exception cref="InvalidDataException">Tensors are left.</exception>
    public LoadReport Finish()
    {
        LoadReport report = _store.Finish();
        Adapters?.Finish();
        return report;
    }

    /// <summary>The name in the files of a tensor of the model.</summary>
    /// <param name="name">The model's name.</param>
    public string FileName(string name) => _store.FileName(name);

    /// <inheritdoc/>
    public void Dispose() => _sources.ForEach(source => source.Dispose());
}
