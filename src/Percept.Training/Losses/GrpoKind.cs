namespace Percept.Training;

/// <summary>How <see cref="PolicyLosses.Grpo"/> weighs tokens.</summary>
public enum GrpoKind
{
    /// <summary><c>grpo</c>: the mean over each completion's tokens, then over completions.</summary>
    Grpo,

    /// <summary><c>bnpo</c>: the mean over all tokens of the batch (also DAPO's).</summary>
    Bnpo,

    /// <summary><c>dr_grpo</c>: the sum over tokens / (completions·T), which favours no length.</summary>
    DrGrpo,

    /// <summary>
    /// <c>gspo</c>: one ratio for a completion, e to the mean of its tokens' logarithms; means as in <c>grpo</c>.
    /// </summary>
    Gspo,
}
