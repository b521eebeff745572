using System.Text.RegularExpressions;
using Percept.Checkpoints;

namespace Percept.Training;

/// <summary>
/// Refuses a run in which a trained weight gets no gradient: something cuts it off, and nobody would see it in the loss. Weights that only
/// media reach are looked at in the first step that has some.
/// </summary>
internal sealed class GradientCheck
{
    private const int Shown = 5;

    private readonly TrainedModel _model;
    private List<Parameter> _left;

    internal GradientCheck(TrainedModel model)
    {
        _model = model;
        _left = [.. model.Parameters];
    }

    /// <summary>Looks at the gradients of a step.</summary>
    /// <exception cref="TrainingStoppedException">A weight has none.</exception>
    internal void Look(bool hasMedia)
    {
        if (_left.Count == 0)
        {
            return;
        }

        List<Parameter> looked = [.. _left.Where(parameter => hasMedia || !NeedsMedia(parameter.Name))];
        string[] without = [.. looked.Where(parameter => parameter.Value.Grad is null).Select(parameter => parameter.Name)];
        if (without.Length > 0)
        {
            string more = without.Length > Shown ? ", …" : string.Empty;
            string[] reached = [.. looked.Select(parameter => parameter.Name).Except(without)];
            string freeze = string.Join(", ", without.Select(name => $"'{Expression(name, reached)}'").Distinct());
            throw new TrainingStoppedException(
                $"{without.Length} trained weights get no gradient: {string.Join(", ", without.Take(Shown))}{more}. The loss does not depend on "
                + "them, as on the layers of a tower behind the state that a projector takes. If that is meant, freeze them in the recipe: "
                + $"freeze: [{freeze}]");
        }

        _left = [.. _left.Except(looked)];
    }

    // The largest module around a weight of which nothing has a gradient, as an expression of names.
    private static string Expression(string name, string[] reached)
    {
        int end = name.IndexOf('.', StringComparison.Ordinal);
        while (end >= 0 && reached.Any(other => other.AsSpan().StartsWith(name.AsSpan(0, end + 1), StringComparison.Ordinal)))
        {
            end = name.IndexOf('.', end + 1);
        }

        return "^" + Regex.Escape(end < 0 ? name : name[..(end + 1)]) + (end < 0 ? "$" : string.Empty);
    }

    private bool NeedsMedia(string name) =>
        _model.Multimodal is not null && _model.Parts.PartOf(name) is ModelParts.VisionTower or ModelParts.Projector;
}
