using System.Text.RegularExpressions;
using Percept.Checkpoints;
using Percept.Tensors;

namespace Percept.Cli;

/// <summary>A part of a model as its tensors' names tell it.</summary>
/// <param name="Name">The common beginning of the names.</param>
/// <param name="Tensors">How many tensors.</param>
/// <param name="Parameters">How many numbers.</param>
/// <param name="Bytes">How many bytes of the files.</param>
/// <param name="Types">The element types with how many numbers each has, the most first.</param>
internal sealed partial record ModelPart(
    string Name, int Tensors, long Parameters, long Bytes, IReadOnlyList<(DType Type, long Parameters)> Types)
{
    private const int FewestParts = 3;

    /// <summary>Cuts a model into parts: by the first word of the names, and where that says little, by the first two.</summary>
    internal static IReadOnlyList<ModelPart> Of(LoadReport report)
    {
        ModelPart[] parts = Group(report.Taken, 1);
        return parts.Length >= FewestParts ? parts : Group(report.Taken, 2);
    }

    private static ModelPart[] Group(IReadOnlyList<TakenTensor> tensors, int words) =>
    [
        .. tensors.GroupBy(tensor => Begin(tensor.Name, words)).Select(group => new ModelPart(
            group.Key, group.Count(), group.Sum(tensor => tensor.Shape.Count), group.Sum(tensor => tensor.Bytes),
            [
                .. group.GroupBy(tensor => tensor.Type)
                    .Select(type => (type.Key, type.Sum(tensor => tensor.Shape.Count))).OrderByDescending(type => type.Item2),
            ])),
    ];

    private static string Begin(string name, int words)
    {
        string stem = Ending().Replace(name, string.Empty);
        string[] parts = stem.Split('.');
        return string.Join('.', parts.Take(words));
    }

    [GeneratedRegex(@"\.(weight|bias|gamma|beta)$")]
    private static partial Regex Ending();
}
