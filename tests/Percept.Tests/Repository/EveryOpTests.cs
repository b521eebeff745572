using System.Reflection;
using System.Text.RegularExpressions;
using Percept.Tensors;
using Xunit;

namespace Percept.Tests.Repository;

/// <summary>An op that is added without a test of its gradient shows up here.</summary>
public partial class EveryOpTests
{
    /// <summary>Ops whose results have no gradient, or that hand out none: creation, places, truth values, tables, steps of optimizers.</summary>
    private static readonly HashSet<string> s_withoutGradient =
    [
        "AdamUpdate", "AddInPlace", "AlibiSlopes", "All", "Any", "Arange", "ArgMax", "ArgMin", "ArgSort", "AttentionSequences", "CopyTo",
        "Detach", "Empty", "Equal", "FloorDivide", "Full", "Greater", "GreaterOrEqual", "Less", "LessOrEqual", "LionUpdate", "LogicalAnd",
        "LogicalNot", "LogicalOr", "LogicalXor", "MoeOrder", "NotEqual", "OneHot", "Ones", "RandomNormal", "RandomUniform", "RelativeBuckets",
        "RopeTables", "ScaleInPlace", "SgdUpdate", "ShiftedWindowMask", "SumOfSquares", "Zeros",
    ];

    /// <summary>Ops whose results and gradients are compared with another op's, which is compared with differences.</summary>
    private static readonly HashSet<string> s_comparedWithAnother = ["AttentionPacked"];

    [Fact]
    public void EveryGradientIsComparedWithDifferences()
    {
        string folder = Path.Combine(RepositoryFiles.Root, "tests", "Percept.Tensors.Tests");
        HashSet<string> compared = [];
        foreach (string file in Directory.EnumerateFiles(folder, "*Tests.cs", SearchOption.AllDirectories))
        {
            string text = File.ReadAllText(file);
            if (text.Contains("GradientCheck.Run(", StringComparison.Ordinal))
            {
                compared.UnionWith(Named().Matches(text).Select(match => match.Groups[1].Value));
            }
        }

        string[] ops = [.. typeof(Ops).GetMethods(BindingFlags.Public | BindingFlags.Static).Select(method => method.Name).Distinct()];
        Assert.True(ops.Length > 150, "The ops were not found.");
        Assert.Equal([], ops.Except(compared).Except(s_withoutGradient).Except(s_comparedWithAnother).Order(StringComparer.Ordinal));
        Assert.Equal([], s_withoutGradient.Union(s_comparedWithAnother).Except(ops).Order(StringComparer.Ordinal));
    }

    [GeneratedRegex(@"\bOps\.([A-Z]\w*)")]
    private static partial Regex Named();
}
