using Percept.Data;

namespace Percept.Training;

/// <summary>Where conversations with media of files are kept once they are prepared.</summary>
public sealed record CacheRecipe
{
    /// <summary>The most MiB in memory; 0 for none.</summary>
    public int MemoryMegabytes { get; set; } = 256;

    /// <summary>A folder for the cache alone, which later runs use again; null for none.</summary>
    public string? Folder { get; set; }

    /// <summary>The most GiB in the folder.</summary>
    public int FolderGigabytes { get; set; } = 10;

    /// <summary>The cache; null where nothing is kept.</summary>
    internal PreparedCache? Open() => MemoryMegabytes == 0 && Folder is null
        ? null
        : new PreparedCache((long)MemoryMegabytes << 20, Folder, (long)FolderGigabytes << 30);
}
