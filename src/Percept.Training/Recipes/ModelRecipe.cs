namespace Percept.Training;

/// <summary>The model of a recipe: one that exists, or one that is made from nothing.</summary>
public sealed record ModelRecipe
{
    /// <summary>A folder or a name of the hub; null where the model is made from nothing.</summary>
    public string? Path { get; set; }

    /// <summary>A folder with <c>config.json</c> and a tokenizer's and processor's files, whose model is made from nothing.</summary>
    public string? FromConfig { get; set; }

    /// <summary>Which rule draws new weights: see <see cref="WeightInitializer.Schemes"/>.</summary>
    public string Initializer { get; set; } = "auto";

    /// <summary>The standard deviation of new weights; null for the configuration's own.</summary>
    public double? InitializerRange { get; set; }
}
