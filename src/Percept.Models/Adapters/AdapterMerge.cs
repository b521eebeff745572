using Percept.Checkpoints;
using Percept.Tensors;
using Percept.Tensors.Autograd;

namespace Percept.Models;

/// <summary>Merges an adapter into the model that it stands beside: a plain checkpoint that needs no adapter.</summary>
public static class AdapterMerge
{
    /// <summary>The weights that merging changes.</summary>
    /// <param name="path">The base model.</param>
    /// <param name="adapter">The adapter, not yet given to a model.</param>
    /// <returns>For each weight its name in the base model's file, and what makes its new value.</returns>
    /// <exception cref="NotSupportedException">The adapter is of a kind that cannot be merged.</exception>
    public static IReadOnlyList<MergedWeight> Weights(string path, Adapter adapter)
    {
        ArgumentNullException.ThrowIfNull(adapter);
        if (adapter.Prompt is not null)
        {
            throw new NotSupportedException(
                $"The adapter '{adapter.Name}' stands before the prompt, not beside layers: there is nothing to merge. Keep its folder.");
        }

        var set = new AdapterSet(adapter);
        LoadedModel loaded = ModelLoader.Load(
            path, new ModelLoadOptions { Adapters = set, Trains = name => adapter.Whole.ContainsKey(name.Name) });
        var merged = new List<MergedWeight>();
        foreach ((string file, Linear layer) in set.Layers)
        {
            merged.Add(new MergedWeight(file, layer.Weight.Shape, () => Merge(layer).Weight));
            if (layer.Bias is { } bias && adapter.Config.Method == AdapterMethod.Ia3)
            {
                merged.Add(new MergedWeight(file[..^"weight".Length] + "bias", bias.Shape, () => Merge(layer).Bias!.Value));
            }
        }

        merged.AddRange(loaded.Report.Trained.Select(parameter => new MergedWeight(
            adapter.Whole[parameter.Name], parameter.Value.Shape, () => Ops.Clone(parameter.Value))));
        return merged;
    }

    /// <summary>Writes the merged model as a folder in the layout of the hub, its weights in the types that the base model has.</summary>
    /// <param name="path">The base model's folder.</param>
    /// <param name="adapter">The adapter, not yet given to a model.</param>
    /// <param name="output">The folder; it is made where there is none.</param>
    /// <param name="progress">Hears of each weight; null for nobody.</param>
    /// <param name="cancellation">Stops between weights; no model is left then.</param>
    /// <returns>How many weights the adapter changed.</returns>
    /// <exception cref="NotSupportedException">The adapter cannot be merged, or the base model's weights are quantized.</exception>
    /// <exception cref="IOException">The folder has a model already, or cannot be written.</exception>
    public static int Write(
        string path, Adapter adapter, string output, IProgress<string>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(adapter);
        ArgumentException.ThrowIfNullOrEmpty(output);
        string file = CheckpointFolder.NewModelFile(output);
        if (!Directory.Exists(path) || !File.Exists(Path.Combine(path, "config.json")))
        {
            throw new NotSupportedException(
                $"'{path}' is no folder in the layout of the hub, which merging writes. Convert it with 'percept convert' first.");
        }

        using GradientSwitch off = Gradients.Off();
        Dictionary<string, MergedWeight> merged = Weights(path, adapter).ToDictionary(weight => weight.File, StringComparer.Ordinal);
        using TensorSource source = TensorSource.Open(path);
        var tensors = new List<TensorToWrite>();
        foreach ((string name, StoredTensor stored) in source.Tensors)
        {
            MergedWeight? changed = merged.GetValueOrDefault(name);
            DType type = stored.Type ?? throw new NotSupportedException(
                $"'{name}' in '{stored.File}' is of type {stored.TypeName}, which Percept does not write.");
            if (changed is not null && !type.IsFloat())
            {
                throw new NotSupportedException(
                    $"'{name}' in '{stored.File}' is quantized ({stored.TypeName}); merging would lose what the adapter learned. " +
                    "Merge into the original weights.");
            }

            tensors.Add(new TensorToWrite(name, type, stored.Shape, () =>
            {
                cancellation.ThrowIfCancellationRequested();
                progress?.Report(name);
                if (changed is null)
                {
                    return source.Read(name);
                }

                using TensorScope scope = TensorScope.Open();
                return scope.Keep(Ops.Cast(changed.Make(), type));
            }));
        }

        Directory.CreateDirectory(output);
        SafetensorsWriter.Write(file, tensors, new Dictionary<string, string> { ["format"] = "pt" });
        CheckpointFolder.CopyCompanions(path, output);
        return merged.Count;
    }

    private static (Tensor Weight, Tensor? Bias) Merge(Linear layer)
    {
        using GradientSwitch off = Gradients.Off();
        return layer.Adapters!.Active!.Merge(layer);
    }
}
