namespace Percept.Data;

/// <summary>How pictures with classes become questions.</summary>
public sealed record ClassQuestionOptions
{
    /// <summary>The names of classes by their index.</summary>
    public required IReadOnlyList<string> Names { get; init; }

    /// <summary>Ways to ask; one is drawn for each sample.</summary>
    public required IReadOnlyList<string> Questions { get; init; }

    /// <summary>The part: of every ten pictures in the dataset's order eight are to train, one to validate, one to test with.</summary>
    public SceneSplit Split { get; init; } = SceneSplit.Train;

    /// <summary>How many samples a picture gives: the first as it is, the others changed.</summary>
    public int Copies { get; init; } = 1;

    /// <summary>Pixels of each side of a sample's picture.</summary>
    public int Side { get; init; } = 128;

    /// <summary>Whether changed pictures may be mirrored: right for garments, wrong for digits.</summary>
    public bool Mirrors { get; init; }

    /// <summary>The seed of changes and of the choice of questions.</summary>
    public long Seed { get; init; }

    /// <summary>Fashion-MNIST: ten kinds of garments, which may be mirrored.</summary>
    public static ClassQuestionOptions FashionMnist { get; } = new()
    {
        Names = ["t-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot"],
        Questions = ["Which garment is this?", "What kind of clothing is shown?", "What piece of clothing is this?"],
        Mirrors = true,
    };

    /// <summary>MNIST: ten written digits.</summary>
    public static ClassQuestionOptions Mnist { get; } = new()
    {
        Names = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"],
        Questions = ["Which digit is shown?", "Which digit was written by hand?"],
    };
}
