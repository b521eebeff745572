using System.Text.Json;

namespace Percept.Conformance;

/// <summary>One run as <c>case.json</c> describes it.</summary>
/// <param name="Name">The run's name; its tensors are stored as <c>name/tensor</c>.</param>
/// <param name="Verb">What to do.</param>
/// <param name="Args">The settings, a JSON object.</param>
/// <param name="Inputs">The names of the input tensors.</param>
/// <param name="Outputs">The names of the outputs with how closely each must match.</param>
public sealed record GoldenRun(
    string Name,
    string Verb,
    JsonElement Args,
    IReadOnlyList<string> Inputs,
    IReadOnlyList<KeyValuePair<string, Tolerance>> Outputs);
