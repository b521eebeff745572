using System.Text.Json.Nodes;
using Percept.Checkpoints;
using Percept.Tensors;

namespace Percept.Models.Tests;

/// <summary>A checkpoint with a few random weights, changed as a test needs it, and loaded from a folder of its own.</summary>
internal sealed class TinyCheckpoint
{
    private readonly SortedDictionary<string, Tensor> _tensors = new(StringComparer.Ordinal);
    private readonly RandomStream _random;

    internal TinyCheckpoint(string config, ulong seed = 7)
    {
        Config = JsonNode.Parse(config)!.AsObject();
        _random = new RandomStream(seed);
    }

    internal JsonObject Config { get; }

    internal IEnumerable<string> Names => _tensors.Keys;

    internal Tensor this[string name] => _tensors[name];

    /// <summary>Adds random numbers around 0.</summary>
    internal TinyCheckpoint Add(string name, params ReadOnlySpan<int> shape) =>
        Put(name, Ops.Scale(Ops.RandomNormal(Shape.Create(shape), _random), 0.3f));

    /// <summary>Adds random numbers around 1: the weight of a norm.</summary>
    internal TinyCheckpoint AddNorm(string name, int size, bool bias = false)
    {
        Put($"{name}.weight", Ops.Affine(Ops.RandomNormal([size], _random), 0.2f, 1f));
        return bias ? Add($"{name}.bias", size) : this;
    }

    /// <summary>Adds a linear layer.</summary>
    internal TinyCheckpoint AddLinear(string name, int outputs, int inputs, bool bias = false)
    {
        Add($"{name}.weight", outputs, inputs);
        return bias ? Add($"{name}.bias", outputs) : this;
    }

    internal TinyCheckpoint Put(string name, Tensor tensor)
    {
        _tensors[name] = tensor.KeepAlways();
        return this;
    }

    internal TinyCheckpoint Remove(string name)
    {
        if (!_tensors.Remove(name))
        {
            throw new KeyNotFoundException(name);
        }

        return this;
    }

    /// <summary>Sets a value of the configuration, given as JSON.</summary>
    internal TinyCheckpoint With(string key, string json)
    {
        Config[key] = JsonNode.Parse(json);
        return this;
    }

    /// <summary>The same tensors by other names.</summary>
    internal TinyCheckpoint Renamed(Func<string, string> rename)
    {
        var renamed = new TinyCheckpoint(Config.ToJsonString());
        foreach ((string name, Tensor tensor) in _tensors)
        {
            renamed.Put(rename(name), tensor);
        }

        return renamed;
    }

    /// <summary>Writes the checkpoint and loads it.</summary>
    internal LoadedModel Load(LoadOptions? options = null)
    {
        string folder = Write();
        try
        {
            return ModelLoader.Load(folder, options);
        }
        finally
        {
            // Weights are mapped; the name goes, the pages stay until the tensors end.
            Delete(folder);
        }
    }

    /// <summary>Writes the checkpoint into a folder of its own, which is the caller's.</summary>
    internal string Write()
    {
        string folder = Directory.CreateTempSubdirectory("percept-models-").FullName;
        File.WriteAllText(Path.Combine(folder, "config.json"), Config.ToJsonString());
        SafetensorsWriter.Write(Path.Combine(folder, "model.safetensors"), _tensors);
        return folder;
    }

    private static void Delete(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (IOException) when (OperatingSystem.IsWindows())
        {
            // Mapped files can't be deleted there; the system's temporary folder keeps them.
        }
    }
}
