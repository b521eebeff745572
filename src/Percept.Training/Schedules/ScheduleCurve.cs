namespace Percept.Training;

/// <summary>The curves of <see cref="ScheduleKind.WarmupStableDecay"/>.</summary>
public enum ScheduleCurve
{
    /// <summary><c>linear</c>.</summary>
    Linear,

    /// <summary><c>cosine</c>.</summary>
    Cosine,

    /// <summary><c>1-sqrt</c>: 1 − √ of the part done (down) or left (up).</summary>
    OneMinusSquareRoot,
}
