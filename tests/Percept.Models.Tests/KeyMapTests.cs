using Percept.Checkpoints;
using Percept.Conformance;
using Xunit;

namespace Percept.Models.Tests;

/// <summary>The maps of names, over the names of every tiny checkpoint there is.</summary>
public class KeyMapTests
{
    [Fact]
    public void NamesOfAModelComeBackFromTheFilesThatAreWrittenByThem()
    {
        var problems = new List<string>();
        int count = 0;
        foreach ((string name, KeyMap map) in Maps())
        {
            foreach (string file in Names())
            {
                string model = map.ToModel(file);
                count++;
                if (map.ToModel(map.ToFile(model)) != model)
                {
                    problems.Add($"{name}: '{file}' is '{model}', is written as '{map.ToFile(model)}', and that is '{map.ToModel(map.ToFile(model))}'");
                }
            }
        }

        Assert.True(count > 1000);
        Assert.True(problems.Count == 0, $"{problems.Count} of {count}\n{string.Join('\n', problems.Take(60))}");
    }

    private static IEnumerable<(string Name, KeyMap Map)> Maps() =>
        from type in typeof(ModelFamilies).Assembly.GetTypes()
        from property in type.GetProperties(System.Reflection.BindingFlags.Static | System.Reflection.BindingFlags.NonPublic
            | System.Reflection.BindingFlags.Public)
        where property.PropertyType == typeof(KeyMap)
        select (type.Name, (KeyMap)property.GetValue(null)!);

    private static IEnumerable<string> Names()
    {
        string root = CaseFinder.FindCopies()!;
        foreach (string file in Directory.EnumerateFiles(root, "config.json", SearchOption.AllDirectories))
        {
            using TensorSource source = TensorSource.Open(Path.GetDirectoryName(file)!);
            foreach (string name in source.Tensors.Keys)
            {
                yield return name;
            }
        }
    }
}
