namespace Percept.Training;

/// <summary>Which samples are looked at while a model is trained.</summary>
public sealed record SamplesRecipe
{
    /// <summary>After how many steps; 0 for never.</summary>
    public int Every { get; set; }

    /// <summary>How many samples are answered for the report.</summary>
    public int Answers { get; set; } = 4;

    /// <summary>The most tokens of an answer.</summary>
    public int MostTokens { get; set; } = 64;

    /// <summary>How many samples the loss is taken of.</summary>
    public int LossSamples { get; set; } = 64;

    /// <summary>The datasets that they come from; none for the first samples of the training data.</summary>
    public IReadOnlyList<DataRecipe> Data { get; set; } = [];
}
