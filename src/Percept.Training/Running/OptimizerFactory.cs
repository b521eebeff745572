using System.Text.RegularExpressions;
using Percept.Checkpoints;
using Percept.Tensors;

namespace Percept.Training;

/// <summary>Makes the optimizer of a recipe: groups by part and by whether a weight decays.</summary>
internal static class OptimizerFactory
{
    /// <summary>Makes it.</summary>
    /// <param name="recipe">The recipe.</param>
    /// <param name="model">The model, whose trained weights it moves.</param>
    internal static Optimizer Make(Recipe recipe, TrainedModel model)
    {
        OptimizerRecipe settings = recipe.Optimizer;
        var choice = new PartChoice(recipe, model.Parts);
        Regex[] spared = [.. settings.NoDecay.Select(pattern => new Regex(pattern, RegexOptions.CultureInvariant))];
        ParameterGroup[] groups =
        [
            .. model.Parameters
                .GroupBy(parameter => (
                    Factor: choice.Of(parameter.Name)?.RateFactor ?? 1,
                    Decays: IsMatrix(parameter.Value.Shape) && !spared.Any(pattern => pattern.IsMatch(parameter.Name)),
                    Turns: !Embeds(parameter.Name) && IsMatrix(parameter.Value.Shape)))
                .Select(group => new ParameterGroup([.. group])
                {
                    LearningRateFactor = group.Key.Factor,
                    WeightDecay = group.Key.Decays ? null : 0,
                    Orthogonalises = group.Key.Turns,
                }),
        ];
        Optimizer optimizer = settings.Settings.Create(groups);
        if (optimizer is Muon muon && recipe.FastProducts)
        {
            muon.Precision = LinearPrecision.Mixed;
        }

        return optimizer;
    }

    /// <summary>Whether it has rows and columns: factors of IA3 [n, 1] and learned tokens [1, 1, n] are vectors.</summary>
    private static bool IsMatrix(in Shape shape)
    {
        int wide = 0;
        foreach (int size in shape)
        {
            wide += size > 1 ? 1 : 0;
        }

        return wide >= 2;
    }

    private static bool Embeds(string name) =>
        name.Contains("embed", StringComparison.Ordinal) || name.Contains("lm_head", StringComparison.Ordinal);
}
