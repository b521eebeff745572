using Percept.Tensors;

namespace Percept.Conformance;

/// <summary>Losses between two or three tensors.</summary>
internal static class PairLossOperators
{
    internal static IEnumerable<(string Name, Action<OpRun> Op)> Table { get; } =
    [
        ("bce_with_logits", static run => run.Give(Ops.BinaryCrossEntropyWithLogits(
            run.Input("input"),
            run.Input("target"),
            run.Optional("pos_weight"),
            run.Optional("weight"),
            Reduction(run)))),
        ("mse_loss", static run => run.Give(
            Ops.MeanSquaredError(run.Input("input"), run.Input("target"), Reduction(run)))),
        ("l1_loss", static run => run.Give(Ops.L1Loss(run.Input("input"), run.Input("target"), Reduction(run)))),
        ("smooth_l1_loss", static run => run.Give(Ops.SmoothL1Loss(
            run.Input("input"), run.Input("target"), (float)run.Args.Number("beta", 1), Reduction(run)))),
        ("huber_loss", static run => run.Give(Ops.HuberLoss(
            run.Input("input"), run.Input("target"), (float)run.Args.Number("delta", 1), Reduction(run)))),
        ("kl_div", static run => run.Give(Ops.KullbackLeibler(
            run.Input("input"), run.Input("target"), Reduction(run), run.Args.Flag("log_target", false)))),
        ("margin_ranking_loss", static run => run.Give(Ops.MarginRankingLoss(
            run.Input("a", "input1"),
            run.Input("b", "input2"),
            run.Input("target"),
            (float)run.Args.Number("margin", 0),
            Reduction(run)))),
        ("cosine_embedding_loss", static run => run.Give(Ops.CosineEmbeddingLoss(
            run.Input("a", "input1"),
            run.Input("b", "input2"),
            run.Input("target"),
            (float)run.Args.Number("margin", 0),
            Reduction(run)))),
        ("triplet_margin_loss", Triplet),
        ("cosine_similarity", static run => run.Give(Ops.CosineSimilarity(
            run.Input("a", "x1"), run.Input("b", "x2"), run.Args.Int("dim", 1), (float)run.Args.Number("eps", 1e-8)))),
        ("cdist", Distances),
    ];

    private static Reduction Reduction(OpRun run) => Reductions.Read(run.Args);

    private static void Triplet(OpRun run)
    {
        run.Give(Ops.TripletMarginLoss(
            run.Input("anchor"),
            run.Input("positive"),
            run.Input("negative"),
            (float)run.Args.Number("margin", 1),
            (float)run.Args.Number("eps", 1e-6),
            Reduction(run),
            (float)run.Args.Number("p", 2),
            run.Args.Flag("swap", false)));
    }

    private static void Distances(OpRun run)
    {
        run.Args.Skip("compute_mode");
        run.Give(Ops.PairDistances(run.Input("a", "x1"), run.Input("b", "x2"), (float)run.Args.Number("p", 2)));
    }
}
