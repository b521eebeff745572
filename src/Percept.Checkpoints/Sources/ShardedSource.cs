using Percept.Tensors;

namespace Percept.Checkpoints;

/// <summary>The tensors of a checkpoint that an index spreads over several files.</summary>
public sealed class ShardedSource : TensorSource
{
    private readonly string _path;
    private readonly Dictionary<string, StoredTensor> _tensors = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TensorSource> _sources = new(StringComparer.Ordinal);
    private readonly List<TensorSource> _shards = [];
    private readonly Dictionary<string, string> _metadata = [];

    private ShardedSource(string path)
    {
        _path = path;
    }

    /// <inheritdoc/>
    public override string Description => _path;

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, StoredTensor> Tensors => _tensors;

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, string> Metadata => _metadata;

    /// <summary>The files, in the order of their names.</summary>
    public IReadOnlyList<TensorSource> Shards => _shards;

    /// <summary>Opens an index and all files that it names.</summary>
    /// <param name="path">The index, such as <c>model.safetensors.index.json</c>; the files stand beside it.</param>
    /// <exception cref="FileNotFoundException">The index or one of its files is missing.</exception>
    /// <exception cref="InvalidDataException">The index and the files do not agree, or one of them is damaged.</exception>
    /// <exception cref="NotSupportedException">A file is of a kind that Percept does not read.</exception>
    public static new ShardedSource Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var source = new ShardedSource(path);
        try
        {
            source.OpenShards();
            return source;
        }
        catch
        {
            source.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public override Tensor Read(string name)
    {
        _ = FindReadable(name);
        return _sources[name].Read(name);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        foreach (TensorSource shard in _shards)
        {
            shard.Dispose();
        }
    }

    private void OpenShards()
    {
        ShardIndex index = ShardIndex.Read(_path);
        string folder = Path.GetDirectoryName(Path.GetFullPath(_path))!;
        string[] files = [.. index.Files.Values.Distinct().Order(StringComparer.Ordinal)];
        string[] missing = [.. files.Where(file => !File.Exists(Path.Combine(folder, file)))];
        if (missing.Length > 0)
        {
            throw new FileNotFoundException(
                $"'{_path}' names {files.Length} files, of which {missing.Length} are missing: " +
                $"{string.Join(", ", missing.Take(4))}{(missing.Length > 4 ? ", …" : "")}. Finish the download.",
                Path.Combine(folder, missing[0]));
        }

        foreach (string file in files)
        {
            TensorSource shard = SourceOpener.OpenFile(Path.Combine(folder, file));
            _shards.Add(shard);
            foreach ((string name, StoredTensor tensor) in shard.Tensors)
            {
                string? expected = index.Files.GetValueOrDefault(name);
                if (expected != file)
                {
                    throw index.Invalid(expected is null
                        ? $"tensor '{name}' of '{file}' does not stand in 'weight_map'"
                        : $"tensor '{name}' stands in '{file}', but 'weight_map' gives it the file '{expected}'");
                }

                _tensors.Add(name, tensor);
                _sources.Add(name, shard);
            }
        }

        string? absent = index.Files.Keys.FirstOrDefault(name => !_tensors.ContainsKey(name));
        if (absent is not null)
        {
            throw index.Invalid($"'weight_map' gives tensor '{absent}' the file '{index.Files[absent]}', which lacks it");
        }

        foreach ((string key, string value) in _shards.SelectMany(shard => shard.Metadata).Concat(index.Metadata))
        {
            _metadata[key] = value;
        }
    }
}
