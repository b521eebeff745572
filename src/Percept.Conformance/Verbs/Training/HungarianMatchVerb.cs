using Percept.Tensors;
using Percept.Training;

namespace Percept.Conformance;

/// <summary>Costs of predicted boxes for targets, and the pairs of least cost.</summary>
internal static class HungarianMatchVerb
{
    internal static void Run(RunContext context)
    {
        RunArgs args = context.Args;
        var costs = new MatchingCosts
        {
            Class = (float)args.Number("class_cost"),
            L1 = (float)args.Number("bbox_cost"),
            Giou = (float)args.Number("giou_cost"),
            Alpha = (float?)args.NumberOrNone("alpha"),
            Gamma = (float)args.Number("gamma", 2),
            Format = DetectionOperators.Format(args),
        };
        Tensor cost = HungarianMatcher.Cost(
            context.Need("logits"), context.Need("boxes"), context.Need("target_classes"), context.Need("target_boxes"),
            costs);
        (int[] rows, int[] columns) = HungarianMatcher.Match(cost);
        context.Give("cost", cost);
        context.Give("query_index", Tensor.From(rows, [rows.Length]));
        context.Give("target_index", Tensor.From(columns, [columns.Length]));
    }
}
