using Percept.Tensors;

namespace Percept.Conformance;

/// <summary>Reads how a loss sums up its terms.</summary>
internal static class Reductions
{
    internal static Reduction Read(RunArgs args) =>
        args.Choice("reduction", "mean", "mean", "sum", "none", "batchmean") switch
        {
            "sum" => Reduction.Sum,
            "none" => Reduction.None,
            "batchmean" => Reduction.BatchMean,
            _ => Reduction.Mean,
        };
}
