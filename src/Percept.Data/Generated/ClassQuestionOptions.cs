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

    /// <summary>
    /// Pictures of a sample in each direction, 1 to 4: above 1 a sample shows so many by so many, all changed but those of the first copy's first
    /// field, and asks for the classes of all, row by row. So many more classes are learned of a picture.
    /// </summary>
    public int Grid { get; init; } = 1;

    /// <summary>
    /// Pictures that are not used, in whatever file they lie: those that look like one of these (a mean difference of less than 2 of 255
    /// levels), such as the pictures of an evaluation set. Null for none.
    /// </summary>
    public IDataset? LeftOut { get; init; }

    /// <summary>How the classes of a grid are asked for.</summary>
    public string GridQuestion { get; init; } = "What does the picture show, row by row?";

    /// <summary>Whether changed pictures may be mirrored: right for garments, wrong for digits.</summary>
    public bool Mirrors { get; init; }

    /// <summary>The seed of changes and of the choice of questions.</summary>
    public long Seed { get; init; }

    /// <summary>Fashion-MNIST: ten kinds of garments, which may be mirrored.</summary>
    public static ClassQuestionOptions FashionMnist { get; } = new()
    {
        Names = ["t-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot"],
        Questions = ["Which garment is this?", "What kind of clothing is shown?", "What piece of clothing is this?"],
        GridQuestion = "Which garments are these, row by row?",
        Mirrors = true,
    };

    /// <summary>MNIST: ten written digits.</summary>
    public static ClassQuestionOptions Mnist { get; } = new()
    {
        Names = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"],
        Questions = ["Which digit is shown?", "Which digit was written by hand?"],
        GridQuestion = "Which digits are these, row by row?",
    };
}
