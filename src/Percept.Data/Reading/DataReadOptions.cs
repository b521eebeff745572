namespace Percept.Data;

/// <summary>How a dataset is read.</summary>
public sealed record DataReadOptions
{
    /// <summary>The options that hold where none are given.</summary>
    public static DataReadOptions Default { get; } = new();

    /// <summary>The layout; found by content when null.</summary>
    public DataFormat? Format { get; init; }

    /// <summary>Where paths of media begin; the folder of the dataset's file when null.</summary>
    public string? MediaRoot { get; init; }

    /// <summary>
    /// Whether media may lie outside <see cref="MediaRoot"/> and the dataset's folder: absolute paths, <c>..</c> and links that
    /// lead out.
    /// </summary>
    public bool AllowOutside { get; init; }

    /// <summary>The names of keys, roles and marks; the usual ones by default.</summary>
    public DataColumns Columns { get; init; } = DataColumns.Default;
}
