namespace Percept.Tensors.Memory;

/// <summary>The ways to get pages that hold code written at run time.</summary>
[Flags]
internal enum ExecutableSources
{
    /// <summary>None: every request is refused.</summary>
    None = 0,

    /// <summary>A memory file written first and mapped read-execute after (Linux); pages are never writable and executable.</summary>
    MemoryFile = 1,

    /// <summary>Private pages that are written and then switched from read-write to read-execute.</summary>
    SwitchedPages = 2,

    /// <summary>Every way the system offers, the strictest first.</summary>
    All = MemoryFile | SwitchedPages,
}
