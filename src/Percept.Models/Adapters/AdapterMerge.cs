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
    /// <returns>For each weight its name in the base model's file and its new value, float32.</returns>
    /// <exception cref="NotSupportedException">The adapter is of a kind that cannot be merged.</exception>
    public static IReadOnlyList<(string File, Tensor Value)> Weights(string path, Adapter adapter)
    {
        ArgumentNullException.ThrowIfNull(adapter);
        if (adapter.Prompt is not null)
        {
            throw new NotSupportedException(
                $"The adapter '{adapter.Name}' stands before the prompt, not beside layers: there is nothing to merge. Keep its folder.");
        }

        var set = new AdapterSet(adapter);
        using GradientSwitch off = Gradients.Off();
        LoadedModel loaded = ModelLoader.Load(
            path, new ModelLoadOptions { Adapters = set, Trains = name => adapter.Whole.ContainsKey(name.Name) });
        var merged = new List<(string, Tensor)>();
        foreach ((string file, Linear layer) in set.Layers)
        {
            (Tensor weight, Tensor? bias) = layer.Adapters!.Active!.Merge(layer);
            merged.Add((file, weight));
            if (bias is { } changed && !changed.Equals(layer.Bias))
            {
                merged.Add((file[..^"weight".Length] + "bias", changed));
            }
        }

        merged.AddRange(loaded.Report.Trained.Select(parameter => (adapter.Whole[parameter.Name], parameter.Value)));
        return merged;
    }
}
