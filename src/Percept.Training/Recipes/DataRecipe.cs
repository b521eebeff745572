using Percept.Data;

namespace Percept.Training;

/// <summary>One dataset of a recipe's mix.</summary>
public sealed record DataRecipe
{
    /// <summary>What reports call it.</summary>
    public required string Name { get; init; }

    /// <summary>The file or folder; null for a generated dataset.</summary>
    public string? Path { get; set; }

    /// <summary>
    /// The name of a generated dataset, with its settings, as <see cref="Data.GeneratedDatasets"/> reads it: <c>scenes-vqa?seed=1</c>;
    /// null for files.
    /// </summary>
    public string? Generated { get; set; }

    /// <summary>The format of the files; <c>auto</c> finds out.</summary>
    public string Format { get; set; } = "auto";

    /// <summary>The entry where the file is LLaMA-Factory's <c>dataset_info.json</c>; else null.</summary>
    public string? Entry { get; set; }

    /// <summary>Of NLVR and of pictures with classes: which part; null for the training part.</summary>
    public string? Split { get; set; }

    /// <summary>Of NLVR the orders of the boxes, of pictures with classes the changed copies of each; null for the usual number.</summary>
    public int? Copies { get; set; }

    /// <summary>Of NLVR: whether the three boxes are three pictures.</summary>
    public bool BoxesApart { get; set; }

    /// <summary>Of NLVR: whether and where the content of the boxes is asked for.</summary>
    public NlvrLists Lists { get; set; }

    /// <summary>Of NLVR: how many tables of what each box has follow the statement.</summary>
    public int Tables { get; set; }

    /// <summary>Of NLVR: how many short questions for the content follow the statement.</summary>
    public int Questions { get; set; }

    /// <summary>Of pictures with classes: pixels a side.</summary>
    public int Side { get; set; } = 128;

    /// <summary>Of pictures with classes: pictures of a sample in each direction.</summary>
    public int Grid { get; set; } = 1;

    /// <summary>Of pictures with classes: the file or folder of pictures that are not used; null for none.</summary>
    public string? LeaveOut { get; set; }

    /// <summary>Of pictures with classes: where the random changes begin.</summary>
    public int Seed { get; set; }

    /// <summary>Whether media may lie outside the folders that are named.</summary>
    public bool AllowOutside { get; set; }

    /// <summary>The folder against which the paths of media stand; null for that of the file.</summary>
    public string? Images { get; set; }

    /// <summary>
    /// Whether several questions about the same media are each learned as if asked alone (<c>apart</c>), or as a conversation
    /// (<c>together</c>); <c>own</c> for what the dataset says itself.
    /// </summary>
    public string Turns { get; set; } = "own";

    /// <summary>
    /// Whether learned answers are put together from the tokens of single letters (<c>letters</c>), as for texts that are read letter by letter, or from the
    /// tokens that the tokenizer gives (<c>tokens</c>).
    /// </summary>
    public string Pieces { get; set; } = "tokens";

    /// <summary>Whether learned answers are put together from the tokens of single letters.</summary>
    internal bool ByLetter => Pieces == "letters";

    /// <summary>How often an epoch goes through it; null for once.</summary>
    public double? Weight { get; set; }

    /// <summary>The most samples of it that are used; null for all.</summary>
    public int? MostSamples { get; set; }
}
