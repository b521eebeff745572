using System.Text.RegularExpressions;
using Percept.Checkpoints;
using Percept.Models;
using Percept.Tensors;

namespace Percept.Training;

/// <summary>Which weights a recipe trains, and how.</summary>
internal sealed class PartChoice
{
    private const int ShownLayers = 12;

    private readonly Recipe _recipe;
    private readonly ModelParts _parts;
    private readonly Regex[] _frozen;
    private readonly Dictionary<string, PartRecipe> _settings;

    internal PartChoice(Recipe recipe, ModelParts parts)
    {
        _recipe = recipe;
        _parts = parts;
        _frozen = [.. recipe.Freeze.Select(pattern => new Regex(pattern, RegexOptions.CultureInvariant))];
        _settings = recipe.Parts.ToDictionary(part => part.Name, StringComparer.Ordinal);
    }

    /// <summary>How the part of a weight is trained; null where the recipe does not name it.</summary>
    internal PartRecipe? Of(string name) =>
        _settings.GetValueOrDefault(_parts.PartOf(name)) ?? _settings.GetValueOrDefault(ModelParts.All);

    /// <summary>Whether a weight of the model is trained.</summary>
    internal bool Trains(WeightName weight) =>
        Of(weight.Name)?.Training == PartTraining.Full && !_frozen.Any(pattern => pattern.IsMatch(weight.Name));

    /// <summary>The adapter of the parts that take one; null for none.</summary>
    internal Adapter? MakeAdapter(string folder, string? saved)
    {
        PartRecipe[] parts = [.. _recipe.Parts.Where(part => part.Training == PartTraining.Adapter)];
        if (parts.Length == 0)
        {
            return null;
        }

        if (saved is not null)
        {
            return Adapter.Open(saved, "trained", trained: true, _recipe.Seed);
        }

        PartRecipe first = parts[0];
        if (parts.FirstOrDefault(part => !Same(part, first)) is { } other)
        {
            throw new NotSupportedException(
                $"The recipe gives '{first.Name}' and '{other.Name}' adapters of different settings, and one adapter has one. Give both the same.");
        }

        IEnumerable<string> patterns = parts.Select(part =>
            $"(?:{_parts.LayerPattern(part.Name)})(?:{string.Join('|', part.Targets.Select(Regex.Escape))})");
        var config = new AdapterConfig
        {
            Method = first.Method,
            Rank = first.Rank,
            Alpha = first.Alpha,
            Dropout = first.Dropout,
            RankStabilised = first.RankStabilised,
            Decomposed = first.Decomposed,
            TargetPattern = first.IsPrompt ? null : Unfrozen + string.Join('|', patterns) + ")",
            FeedForwardTargets = first.FeedForwardTargets,
            Bottleneck = first.Bottleneck,
            VirtualTokens = first.VirtualTokens,
            BaseModel = folder,
        };
        return Adapter.Create("trained", config, new RandomStream(_recipe.Seed));
    }

    /// <summary>Refuses parts that the model does not have, and a part to be trained of which nothing is.</summary>
    internal void Check(string folder, LoadReport report, Adapter? adapter)
    {
        string[] there = [.. report.Taken.Select(tensor => _parts.PartOf(tensor.Name)).Distinct().Order(StringComparer.Ordinal)];
        foreach (string name in _settings.Keys.Where(name => name != ModelParts.All && !there.Contains(name)))
        {
            throw new InvalidDataException(
                $"The recipe names the part '{name}', which '{folder}' does not have; it has {string.Join(", ", there)}. Name one of them.");
        }

        foreach (Regex pattern in _frozen.Where(pattern => !report.Taken.Any(tensor => pattern.IsMatch(tensor.Name))))
        {
            throw new InvalidDataException(
                $"'freeze' has '{pattern}', which no weight of '{folder}' matches; one is called '{report.Taken[0].Name}'. Mend or remove it.");
        }

        if (adapter is not null)
        {
            CheckAdapter(folder, report, adapter);
        }

        foreach (PartRecipe part in _recipe.Parts.Where(part => part.Training == PartTraining.Full))
        {
            if (!report.Trained.Any(parameter => Of(parameter.Name) == part))
            {
                throw new InvalidDataException(
                    $"The recipe trains '{part.Name}', but 'freeze' keeps all of its weights frozen. Loosen the expressions.");
            }
        }
    }

    /// <summary>The beginning of an expression that no layer matches whose name 'freeze' finds; a parenthesis is left open.</summary>
    private string Unfrozen => _recipe.Freeze.Count == 0
        ? "(?:"
        : string.Concat(_recipe.Freeze.Select(pattern => $"(?!.*(?:{pattern}))")) + "(?:";

    /// <summary>Refuses a part with an adapter beside its layers none of which has it.</summary>
    private void CheckAdapter(string folder, LoadReport report, Adapter adapter)
    {
        foreach (PartRecipe part in _recipe.Parts.Where(part => part.Training == PartTraining.Adapter && !part.IsPrompt))
        {
            bool Is(string name) => part.Name == ModelParts.All || _parts.PartOf(name) == part.Name;
            if (!adapter.Layers.Keys.Any(layer => Is(layer + ".weight")))
            {
                string[] ends =
                [
                    .. report.Taken.Where(tensor => tensor.Shape.Rank == 2 && Is(tensor.Name) && tensor.Name.EndsWith(".weight", StringComparison.Ordinal))
                        .Select(tensor => tensor.Name.Split('.')[^2]).Distinct().Order(StringComparer.Ordinal).Take(ShownLayers),
                ];
                throw new InvalidDataException(
                    $"No layer of '{part.Name}' in '{folder}' gets the recipe's adapter: its targets are {string.Join(", ", part.Targets)}"
                    + $"{(_recipe.Freeze.Count > 0 ? ", and 'freeze' keeps layers from having one" : string.Empty)}; the part has {string.Join(", ", ends)}. "
                    + $"Name some of them in parts.{part.Name}.targets.");
            }
        }
    }

    private static bool Same(PartRecipe a, PartRecipe b) =>
        (a.Method, a.Rank, a.Alpha, a.Dropout, a.RankStabilised, a.Decomposed, a.Bottleneck)
        == (b.Method, b.Rank, b.Alpha, b.Dropout, b.RankStabilised, b.Decomposed, b.Bottleneck)
        && a.FeedForwardTargets.SequenceEqual(b.FeedForwardTargets);
}
