namespace Percept.Conformance;

/// <summary>Verbs of training that need no model.</summary>
internal static class TrainingVerbs
{
    internal static Dictionary<string, Action<RunContext>> All { get; } = new()
    {
        ["gae"] = PolicyVerbs.GeneralisedAdvantages,
        ["group_advantages"] = PolicyVerbs.GroupAdvantages,
        ["hungarian_match"] = HungarianMatchVerb.Run,
        ["kto_kl"] = PolicyVerbs.KtoDivergence,
        ["lr_schedule"] = LearningRateVerb.Run,
        ["optimizer"] = OptimizerVerb.Run,
        ["ppo_rewards"] = PolicyVerbs.Rewards,
        ["quantize_nf4"] = NormalFloatVerbs.Quantize,
        ["quantize_nf4_double"] = NormalFloatVerbs.QuantizeTwice,
        ["queue_update"] = QueueUpdateVerb.Run,
        ["rloo_advantages"] = PolicyVerbs.LeaveOneOut,
        ["weight_average"] = WeightAverageVerb.Run,
    };
}
