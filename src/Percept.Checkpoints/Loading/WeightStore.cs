using Percept.Tensors;

namespace Percept.Checkpoints;

/// <summary>The weights of a model being loaded: where each name comes from, and what has been taken.</summary>
/// <remarks>
/// Loading is strict both ways: a tensor that is missing or has another shape fails when it is asked for, and
/// <see cref="Finish"/> fails when tensors are left that nobody asked for. Used by one thread.
/// </remarks>
public sealed class WeightStore
{
    // Layers, heads or experts of a model that is made up by its configuration alone.
    private const int MostInvented = 10_000;

    private readonly Dictionary<string, Origin> _origins = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (Tensor Tensor, TakenTensor Record)> _taken = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, string> _ignored = new(StringComparer.Ordinal);
    private readonly List<string> _sources = [];
    private (InventedSource Source, KeyMap Map)? _invented;

    /// <summary>Makes a store with nothing in it.</summary>
    /// <param name="options">How weights are taken.</param>
    public WeightStore(LoadOptions? options = null) => Options = options ?? new LoadOptions();

    /// <summary>How weights are taken.</summary>
    public LoadOptions Options { get; }

    /// <summary>The cursor at the beginning of all names.</summary>
    public WeightScope Root => new(this, string.Empty);

    /// <summary>The names that the model may ask for.</summary>
    public IReadOnlyCollection<string> Names => _origins.Keys;

    private string Sources => string.Join("', '", _sources);

    /// <summary>Adds the tensors of a checkpoint.</summary>
    /// <param name="source">The checkpoint; it must stay open until <see cref="Finish"/>.</param>
    /// <param name="map">How its names become the model's.</param>
    /// <param name="spare">Tensors that are there already win, and what is left of this source is no error: a tower's
    /// own folder beside a checkpoint that holds the tower too.</param>
    /// <exception cref="InvalidDataException">Two tensors come to the same name.</exception>
    public WeightStore Add(TensorSource source, KeyMap? map = null, bool spare = false)
    {
        ArgumentNullException.ThrowIfNull(source);
        map ??= KeyMap.Identity;
        _sources.Add(source.Description);
        if (source is InventedSource invented)
        {
            _invented = (invented, map);
        }

        foreach (string file in source.Tensors.Keys)
        {
            string name = map.ToModel(file);
            if ((map.IgnoredBecause(file) ?? map.IgnoredBecause(name)) is { } reason)
            {
                _ignored[file] = reason;
            }
            else if (!_origins.TryGetValue(name, out Origin? there))
            {
                _origins.Add(name, new Origin(source, file, spare));
            }
            else if (spare)
            {
                Ignore(source, file, $"'{there.Source.Description}' holds it too, and comes first");
            }
            else
            {
                throw new InvalidDataException(
                    $"'{there.File}' of '{there.Source.Description}' and '{file}' of '{source.Description}' are both '{name}' of the " +
                    "model: the checkpoint mixes two layouts. Remove one of them.");
            }
        }

        return this;
    }

    /// <summary>Puts a tensor of another file in the place of the checkpoint's.</summary>
    /// <param name="name">The model's name.</param>
    /// <param name="source">The file; it must stay open until <see cref="Finish"/>.</param>
    /// <param name="file">The tensor's name there.</param>
    /// <returns>The name that the checkpoint has for it.</returns>
    /// <exception cref="InvalidDataException">The checkpoint has no tensor of that name.</exception>
    public string Replace(string name, TensorSource source, string file)
    {
        ArgumentNullException.ThrowIfNull(source);
        if (!_origins.TryGetValue(name, out Origin? there))
        {
            string near = NearestName.Find(name, _origins.Keys) is { } found ? $" The nearest name there is '{found}'." : string.Empty;
            throw new InvalidDataException(
                $"'{file}' of '{source.Description}' is to replace '{name}', which '{Sources}' does not have.{near} " +
                "Use it with the model that it was made for.");
        }

        _origins[name] = new Origin(source, file, Spare: false);
        Ignore(there.Source, there.File, $"'{source.Description}' holds it anew");
        return there.File;
    }

    /// <summary>The name in the file of a tensor of the model.</summary>
    /// <param name="name">The model's name.</param>
    /// <exception cref="KeyNotFoundException">There is no such tensor.</exception>
    public string FileName(string name) => Need(name, default).File;

    /// <summary>Ends loading: everything must have been taken.</summary>
    /// <exception cref="InvalidDataException">Tensors are left that the model never asked for.</exception>
    public LoadReport Finish()
    {
        string[] left = [.. _origins.Where(pair => !pair.Value.Spare && !_taken.ContainsKey(pair.Key)).Select(pair => pair.Key)];
        if (left.Length > 0)
        {
            Array.Sort(left, StringComparer.Ordinal);
            string shown = string.Join(", ", left.Take(5).Select(name => $"'{_origins[name].File}'"));
            throw new InvalidDataException(
                $"'{Sources}' holds {left.Length} tensors that the model does not have: {shown}{(left.Length > 5 ? ", …" : string.Empty)}. " +
                "The configuration describes another model than the weights; compare 'config.json' with the checkpoint.");
        }

        foreach ((string name, Origin origin) in _origins.Where(pair => pair.Value.Spare && !_taken.ContainsKey(pair.Key)))
        {
            Ignore(origin.Source, origin.File, "the model does not have it");
        }

        TakenTensor[] taken = [.. _taken.Values.Select(pair => pair.Record).OrderBy(record => record.Name, StringComparer.Ordinal)];
        return new LoadReport(string.Join(", ", _sources), taken, [.. _ignored])
        {
            Trained = Options.Trainable
                ? [.. taken.Where(record => Trains(record.Name, record.FileName))
                    .Select(record => new Parameter(record.Name, record.FileName, _taken[record.Name].Tensor))]
                : [],
        };
    }

    /// <summary>Notes a tensor that is not taken; one of another source may have its name.</summary>
    private void Ignore(TensorSource source, string file, string reason) =>
        _ignored[_ignored.ContainsKey(file) || _origins.Values.Any(origin => origin.Source != source && origin.File == file) ? $"{source.Description}: {file}" : file] = reason;

    internal bool Trains(string name) => (_invented is null || _origins.ContainsKey(name)) && Trains(name, Need(name, default).File);

    internal bool TrainsAny(string prefix) =>
        _origins.Any(pair => pair.Key.StartsWith(prefix, StringComparison.Ordinal) && Trains(pair.Key, pair.Value.File));

    private bool Trains(string name, string file) => Options.Trains?.Invoke(new WeightName(name, file)) ?? false;

    internal bool Has(string name) => _origins.ContainsKey(name) || _invented?.Source.Has(name) == true;

    /// <summary>Whether any tensor's name begins so.</summary>
    internal bool HasAny(string prefix) =>
        _invented is not null || _origins.Keys.Any(name => name.StartsWith(prefix, StringComparison.Ordinal));

    internal int CheckCount(int count, string parts) => count >= 0 && count <= (_invented is null ? _origins.Count : MostInvented)
        ? count
        : throw new InvalidDataException(
            $"The configuration tells of {count} {parts}, but '{Sources}' has {_origins.Count} tensors in all. " +
            "It describes another model than the weights; compare 'config.json' with the checkpoint.");

    internal StoredTensor Describe(string name)
    {
        Origin origin = Need(name, default);
        return origin.Source.Tensors[origin.File];
    }

    /// <summary>Takes a tensor.</summary>
    /// <param name="name">The model's name.</param>
    /// <param name="shape">The shape that the model needs.</param>
    /// <param name="asFloat">Whether it must be float32.</param>
    internal Tensor Take(string name, in Shape shape, bool asFloat)
    {
        if (_taken.TryGetValue(name, out (Tensor Tensor, TakenTensor Record) earlier) && earlier.Tensor.Shape == shape
            && (!asFloat || earlier.Tensor.DType == DType.F32))
        {
            return earlier.Tensor;
        }

        Origin origin = _invented is { } made && !_origins.ContainsKey(name) ? Invent(made.Source, made.Map, name, shape) : Need(name, shape);
        StoredTensor stored = origin.Source.Tensors[origin.File];
        if (stored.Shape != shape)
        {
            throw new InvalidDataException(
                $"'{origin.File}' in '{stored.File}' has shape {stored.Shape}, expected {shape}. " +
                "The configuration describes another model than the weights; compare 'config.json' with the checkpoint.");
        }

        Tensor raw = origin.Source.Read(origin.File);
        if (raw.DType is DType.I8 or DType.I16 or DType.I32 or DType.I64 or DType.U8 or DType.Bool)
        {
            raw.Dispose();
            throw new NotSupportedException(
                $"'{origin.File}' in '{stored.File}' holds whole numbers ({stored.TypeName}), expected floating-point weights. " +
                "Another tool may have quantized them: use the original checkpoint, or a GGUF file.");
        }

        bool trains = Trains(name, origin.File);
        bool convert = raw.DType != DType.F32 && (asFloat || trains || raw.DType == DType.F64);
        Tensor tensor = convert ? Ops.Cast(raw, DType.F32) : trains ? Ops.Clone(raw) : raw;

        if (tensor != raw)
        {
            raw.Dispose();
        }

        if (trains)
        {
            tensor.RequireGrad();
        }

        _taken[name] = (tensor, new TakenTensor(
            name, origin.File, stored.Type!.Value, shape, stored.Bytes, convert ? DType.F32 : null));
        return tensor;
    }

    private Origin Invent(InventedSource source, KeyMap map, string name, in Shape shape)
    {
        var origin = new Origin(source, map.ToFile(name), Spare: false);
        source.Declare(origin.File, shape);
        _origins.Add(name, origin);
        return origin;
    }

    private Origin Need(string name, in Shape shape)
    {
        if (_origins.TryGetValue(name, out Origin? origin))
        {
            return origin;
        }

        string expected = shape.Rank > 0 ? $" of shape {shape}" : string.Empty;
        string nearest = NearestName.Find(name, _origins.Keys) is { } near ? $" The nearest name there is '{near}'." : string.Empty;
        throw new KeyNotFoundException(
            $"'{Sources}' has no tensor '{name}'{expected}, which the model needs.{nearest} Check that the checkpoint is " +
            "complete and that 'config.json' belongs to it.");
    }

    private sealed record Origin(TensorSource Source, string File, bool Spare);
}
