using Percept.Tensors;
using Percept.Training;

namespace Percept.Conformance;

/// <summary>Contrastive losses and what belongs to them.</summary>
internal static class ContrastiveOperators
{
    internal static IEnumerable<(string Name, Action<OpRun> Op)> Table { get; } =
    [
        ("info_nce", static run => run.Give(ContrastiveLosses.InfoNce(
            run.Input("a"), run.Input("b"), Temperature(run), run.Args.Flag("symmetric", true)))),
        ("info_nce_queue", static run => run.Give(ContrastiveLosses.InfoNceWithQueue(
            run.Input("q"), run.Input("k"), run.Input("queue"), Temperature(run)))),
        ("albef_itc", static run => run.Give(ContrastiveLosses.Albef(
            run.Input("image"), run.Input("text"),
            new MomentumFeatures(
                run.Input("image_m"), run.Input("text_m"), run.Input("image_queue"), run.Input("text_queue")),
            run.Input("temp"), (float)run.Args.Number("alpha")))),
        ("hard_negatives", HardNegative),
        ("clip_loss", static run => run.Give(ContrastiveLosses.Clip(
            run.Input("image"), run.Input("text"), run.Input("logit_scale")))),
        ("siglip_loss", static run => run.Give(ContrastiveLosses.Siglip(
            run.Input("image"), run.Input("text"), run.Input("logit_scale"), run.Input("logit_bias")))),
        ("supcon", static run => run.Give(ContrastiveLosses.Supervised(
            run.Input("features"), run.Input("labels"), Temperature(run)))),
        ("tip_adapter", static run => run.Give(CacheAdapter.Tip(
            run.Input("f"), run.Input("keys"), run.Input("values"), run.Input("clip_w"), (float)run.Args.Number("alpha"),
            (float)run.Args.Number("beta")))),
        ("t_idea_affinity", static run => run.Give(CacheAdapter.Affinity(
            run.Input("f"), run.Input("keys_t"), run.Input("keys_i"), (run.Input("w1"), run.Input("b1")),
            (run.Input("w2"), run.Input("b2"))))),
    ];

    private static float Temperature(OpRun run) => (float)run.Args.Number("temperature");

    private static void HardNegative(OpRun run)
    {
        Tensor weights = HardNegatives.Weights(run.Input("sim"));
        run.Give("weights", weights);
        run.Give("indices", HardNegatives.Choose(weights, run.Input("draws")));
    }
}
