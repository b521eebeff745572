using System.Text.Json;
using System.Text.RegularExpressions;
using Percept.Checkpoints;
using Percept.Training;

namespace Percept.Conformance;

/// <summary>Makes the optimizer that a run's arguments name.</summary>
internal static class TrainOptimizer
{
    /// <summary>
    /// Reads the optimizer's arguments, <c>no_decay</c> and <c>lr_groups</c>; rates of groups are taken relative to <c>lr</c>.
    /// </summary>
    internal static Optimizer Make(RunContext context, IReadOnlyList<Parameter> parameters)
    {
        RunArgs args = context.Args;
        OptimizerSettings settings = OptimizerArguments.Read(args, "adamw");
        if (settings.Name == "sgd")
        {
            // Runs name those of Adam in any case.
            settings = settings with { Beta1 = null, Beta2 = null, Eps = null };
        }

        string[] kept = TrainRun.Texts(context, "no_decay");
        (string Pattern, double Factor)[] rates =
        [
            .. (args.Find("lr_groups")?.EnumerateArray() ?? default(JsonElement.ArrayEnumerator))
                .Select(pair => (pair[0].GetString()!, pair[1].GetDouble() / args.Number("lr"))),
        ];
        ParameterGroup[] groups =
        [
            .. parameters
                .GroupBy(parameter => (
                    Decays: !kept.Any(pattern => Fits(parameter, pattern)),
                    Factor: rates.FirstOrDefault(rate => Fits(parameter, rate.Pattern)) is { Pattern: not null } found ? found.Factor : 1))
                .Select(group => new ParameterGroup([.. group])
                {
                    LearningRateFactor = group.Key.Factor,
                    WeightDecay = group.Key.Decays ? null : 0,
                }),
        ];
        return settings.Create(groups);
    }

    private static bool Fits(Parameter parameter, string pattern) =>
        Regex.IsMatch(parameter.FileName, pattern, RegexOptions.CultureInvariant);
}
