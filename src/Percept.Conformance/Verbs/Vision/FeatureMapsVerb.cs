using System.Globalization;
using Percept.Models;
using Percept.Tensors;
using Percept.Tensors.Autograd;

namespace Percept.Conformance;

/// <summary>Runs a vision model as a backbone: <c>feature_maps.i</c>.</summary>
internal static class FeatureMapsVerb
{
    internal static void Run(RunContext context)
    {
        IFeatureMaps model = VisionRuns.Vision<IFeatureMaps>(context);
        using GradientSwitch off = Gradients.Off();
        var maps = new Tensor[model.MapCount];
        model.FeatureMaps(context.Need("pixel_values"), maps);
        for (int i = 0; i < maps.Length; i++)
        {
            context.Give(string.Create(CultureInfo.InvariantCulture, $"feature_maps.{i}"), maps[i]);
        }
    }
}
