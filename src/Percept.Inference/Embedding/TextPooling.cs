namespace Percept.Inference;

/// <summary>Which vector stands for a text whose encoder gives one for each token.</summary>
public enum TextPooling
{
    /// <summary>The mean of the tokens' states.</summary>
    Mean,

    /// <summary>The state of the first token.</summary>
    First,

    /// <summary>What the encoder's own pooler makes of the first token.</summary>
    Pooler,
}
