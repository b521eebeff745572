namespace Percept.Training;

/// <summary>When the state of a run is written.</summary>
public sealed record CheckpointRecipe
{
    /// <summary>After how many steps; 0 for the end alone.</summary>
    public int Every { get; set; } = 500;

    /// <summary>How many of the newest are kept.</summary>
    public int Keep { get; set; } = 2;
}
