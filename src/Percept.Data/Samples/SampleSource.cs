namespace Percept.Data;

/// <summary>Where a sample comes from, for error messages.</summary>
/// <param name="File">The file or folder, or the name of what generates samples.</param>
/// <param name="Line">The line in the file, counted from 1; for generated samples the index; 0 where neither is known.</param>
public readonly record struct SampleSource(string File, long Line)
{
    /// <summary><c>file:line</c>.</summary>
    public override string ToString() => Line > 0 ? FormattableString.Invariant($"{File}:{Line}") : File;
}
