using Percept.Models;
using Percept.Tensors;
using Percept.Training;

namespace Percept.Conformance;

/// <summary>Classes of texts: mean cross entropy; or rewards of pairs: Bradley and Terry's loss of chosen against rejected ones.</summary>
internal static class ClassifierObjective
{
    internal static Tensor Loss(TrainRun run)
    {
        var model = (ISequenceClassifier)run.Loaded.Model;
        RunContext context = run.Context;
        Tensor ids = context.Need("input_ids");
        PaddedRows rows = PaddedRows.Of(ids.Shape[0], ids.Shape[1], context.Find("attention_mask"));
        Tensor logits = model.Classify(new TextInput(rows.Pack(ids)), rows.Batch(rows.Positions(null), axes: 1));
        if (run.LossType.Length == 0)
        {
            run.Give("logits", logits);
            return Ops.CrossEntropy(logits, context.Need("labels"));
        }

        _ = context.Args.Choice("loss_type", string.Empty, "bradley_terry");
        int pairs = context.Args.Int("pairs");
        Tensor rewards = Ops.Reshape(logits, [logits.Shape[0]]);
        run.Give("rewards", rewards);
        Tensor chosen = Ops.Narrow(rewards, 0, 0, pairs), rejected = Ops.Narrow(rewards, 0, pairs, pairs);
        return PreferenceLosses.BradleyTerry(
            chosen, rejected, context.Need("margin"), (float)context.Args.Number("center_rewards_coefficient", 0));
    }
}
