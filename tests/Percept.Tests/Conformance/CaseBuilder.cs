using Percept.Checkpoints;
using Percept.Tensors;

namespace Percept.Tests.Conformance;

/// <summary>Writes a case of one run.</summary>
internal sealed class CaseBuilder(string folder)
{
    public Dictionary<string, Tensor> Inputs { get; } = [];

    public Dictionary<string, Tensor> Outputs { get; } = [];

    public string Verb { get; set; } = "op";

    public string Args { get; set; } = """{"op": "clone"}""";

    public string Tolerance { get; set; } = """{"atol": 0.001, "rtol": 0.01}""";

    public string Folder => folder;

    public string Write()
    {
        Directory.CreateDirectory(folder);
        SafetensorsWriter.Write(
            Path.Combine(folder, "inputs.safetensors"), Inputs.Select(p => KeyValuePair.Create("r/" + p.Key, p.Value)));
        SafetensorsWriter.Write(
            Path.Combine(folder, "outputs.safetensors"),
            Outputs.Select(p => KeyValuePair.Create("r/" + p.Key, p.Value)));
        string inputs = string.Join(", ", Inputs.Keys.Select(key => $"\"{key}\""));
        string outputs = string.Join(", ", Outputs.Keys.Select(key => $"\"{key}\": {Tolerance}"));
        File.WriteAllText(Path.Combine(folder, "case.json"), $$"""
            {"format": 1, "id": "made/up", "checkpoint": "checkpoint", "runs": [
              {"name": "r", "op": "{{Verb}}", "args": {{Args}}, "inputs": [{{inputs}}], "outputs": { {{outputs}} } }]}
            """);
        return folder;
    }
}
