using Percept.Tensors;

namespace Percept.Checkpoints;

/// <summary>Writes a checkpoint as one safetensors file, its floats in another type, and copies what stands beside it.</summary>
internal static class HubToHub
{
    internal static ConvertReport Convert(string input, TensorSource source, string output, ConvertRun run)
    {
        bool isFile = output.EndsWith(".safetensors", StringComparison.OrdinalIgnoreCase);
        IEnumerable<TensorRecipe> recipes = source.Tensors.Keys.Order(StringComparer.Ordinal)
            .Select(name => new TensorRecipe(name, source, name, Target(source, name, run.Options.Type)));
        string file = isFile ? output : Path.Combine(output, "model.safetensors");
        TensorToWrite[] tensors = run.Plan(recipes);
        SafetensorsWriter.Write(run.Place(file), tensors, new Dictionary<string, string> { ["format"] = "pt" });
        if (!isFile && Directory.Exists(input))
        {
            run.PlaceCompanions(input, output);
        }

        return run.Report([], []);
    }

    private static DType Target(TensorSource source, string name, WeightType? type)
    {
        DType stored = source.FindReadable(name).Type;
        return type is null || !stored.IsFloat() ? stored : type switch
        {
            WeightType.F32 => DType.F32,
            WeightType.BF16 => DType.BF16,
            _ => DType.F16,
        };
    }
}
