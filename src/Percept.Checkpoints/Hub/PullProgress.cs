namespace Percept.Checkpoints;

/// <summary>How far loading is. Reports come from several threads, each newer than the one before it for its file.</summary>
/// <param name="File">The file that a report is about.</param>
/// <param name="FileBytes">Its length.</param>
/// <param name="FileDone">How much of it is there.</param>
/// <param name="TotalBytes">The length of all files that are loaded.</param>
/// <param name="TotalDone">How much of them is there.</param>
/// <param name="Note">What else there is to say: that it waits or tries again; null for nothing.</param>
public readonly record struct PullProgress(
    string File, long FileBytes, long FileDone, long TotalBytes, long TotalDone, string? Note = null);
