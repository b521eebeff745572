namespace Percept.Models;

/// <summary>How the keys and values of past tokens are stored.</summary>
public enum KvCacheType
{
    /// <summary>Float32: exact.</summary>
    F32,

    /// <summary>Float16: half the memory.</summary>
    F16,

    /// <summary>Blocks of 32 with 8-bit numbers: about a quarter of the memory; read back through float16.</summary>
    Q8,
}
