using Percept.Tensors;

namespace Percept.Checkpoints;

/// <summary>Writes a GGUF model again with its matrices in another type, its metadata unchanged.</summary>
internal static class GgufRequantizer
{
    private static readonly string[] s_own = ["general.file_type", "split.no", "split.count", "split.tensors.count"];

    internal static ConvertReport Convert(GgufSource source, string output, ConvertRun run)
    {
        WeightType type = run.Options.Type ?? WeightType.F16;
        bool isTower = GgufCompanions.IsCompanion(source.File);
        var model = new GgufModel(source.Files);
        int layers = isTower ? 0 : model.Layers("blk.");
        bool isTied = !source.Tensors.ContainsKey("output.weight");
        var recipes = new List<TensorRecipe>();
        foreach (GgufFile file in source.Files)
        {
            foreach (GgufTensor tensor in file.Tensors.Values.OrderBy(tensor => tensor.Offset))
            {
                StoredTensor stored = source.Tensors[tensor.Name];
                DType wanted = stored.Type is null or DType.I8 or DType.I16 or DType.I32 or DType.I64 ? stored.Type ?? DType.F32
                    : isTower ? WeightTypes.ChooseTower(type, stored.Shape)
                    : WeightTypes.Choose(type, tensor.Name, stored.Shape, layers, isTied);
                recipes.Add(new TensorRecipe(tensor.Name, source, tensor.Name, wanted));
            }
        }

        IEnumerable<KeyValuePair<string, GgufValue>> values = source.File.Keys.Where(key => !s_own.Contains(key))
            .Select(key => KeyValuePair.Create(key, source.File.FindValue(key)!));
        if (run.Options.Name is { } name)
        {
            values = values.Select(pair => pair.Key == "general.name" ? new(pair.Key, GgufValue.Of(name)) : pair);
        }

        GgufWriter.Write(run.Place(output), [.. values, new("general.file_type", GgufValue.Of(type.FileType()))], run.Plan(recipes));
        return run.Report([], []);
    }
}
