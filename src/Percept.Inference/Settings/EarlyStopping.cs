namespace Percept.Inference;

/// <summary>When beam search ends (<c>early_stopping</c>).</summary>
public enum EarlyStopping
{
    /// <summary>
    /// <c>false</c>: when no running beam can do better than the finished ones, judged at its present length.
    /// </summary>
    Off,

    /// <summary><c>true</c>: as soon as there are as many finished candidates as beams.</summary>
    AtBeamCount,

    /// <summary><c>"never"</c>: when no running beam can do better at the length that suits it best.</summary>
    Never,
}
