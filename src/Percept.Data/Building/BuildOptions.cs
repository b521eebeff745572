namespace Percept.Data;

/// <summary>How instruction data is built.</summary>
public sealed record BuildOptions
{
    /// <summary>The kinds of instructions made of each picture.</summary>
    public IReadOnlyList<InstructionKind> Kinds { get; init; } = [InstructionKind.Conversation, InstructionKind.Detail, InstructionKind.ComplexReasoning];

    /// <summary>How many calls of the writer may run at the same time.</summary>
    public int Parallelism { get; init; } = 4;

    /// <summary>How often a failed call is tried again.</summary>
    public int Retries { get; init; } = 3;

    /// <summary>How long the first of them waits; each further one twice as long.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Put before each picture's file, such as <c>coco/train2017/</c>.</summary>
    public string ImagePrefix { get; init; } = "";

    /// <summary>Where pictures lie, for looking at them; null where they are not needed.</summary>
    public string? ImageRoot { get; init; }

    /// <summary>Length and quality.</summary>
    public InstructionFilter Filter { get; init; } = new();

    /// <summary>From which share of common rows of words samples count as nearly the same; null to keep them all.</summary>
    public double? NearDuplicates { get; init; } = 0.9;

    /// <summary>Evaluation sets that the data must be apart from; null for none.</summary>
    public ContaminationIndex? Evaluation { get; init; }
}
