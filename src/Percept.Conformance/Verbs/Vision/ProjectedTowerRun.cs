using Percept.Models;
using Percept.Tensors;
using Percept.Tensors.Autograd;

namespace Percept.Conformance;

/// <summary>Runs a tower with its projector: the states of its layers and the projected rows.</summary>
internal static class ProjectedTowerRun
{
    internal static void Run(RunContext context, ProjectedTower model)
    {
        using GradientSwitch off = Gradients.Off();
        Tensor pixels = context.Need("pixel_values");
        int[] layers = [.. Enumerable.Range(0, model.Tower.LayerCount + 1).Where(layer => context.Wants($"hidden_states.{layer}"))];
        var states = new Tensor[layers.Length];
        model.Tower.States(pixels, layers, states);
        for (int i = 0; i < layers.Length; i++)
        {
            context.Give($"hidden_states.{layers[i]}", states[i]);
        }

        if (context.Wants("image_features"))
        {
            Tensor rows = model.Features(pixels);
            context.Give("image_features", context.Want("image_features") is { Rank: 2 }
                ? Ops.Reshape(rows, [rows.Shape[0] * rows.Shape[1], rows.Shape[2]])
                : rows);
        }
    }
}
