namespace Percept.Tensors.Kernels;

/// <summary>
/// The same doubleword of <see cref="Rows"/> rows of weights, one a lane: the vector that unpacking is written in. Lanes of
/// one row are its scalar form.
/// </summary>
/// <typeparam name="T">The implementing type.</typeparam>
internal unsafe interface IRowLanes<T>
    where T : struct, IRowLanes<T>
{
    /// <summary>How many rows a value covers.</summary>
    static abstract int Rows { get; }

    /// <summary>Every lane the same.</summary>
    static abstract T Splat(uint value);

    /// <summary>The four doublewords at a byte offset of every row.</summary>
    static abstract void Load4(byte** rows, nint offset, out T d0, out T d1, out T d2, out T d3);

    /// <summary>Writes the lanes side by side.</summary>
    static abstract void Store(byte* destination, T value);

    /// <summary>Writes the lanes, seen as signed integers, as floats multiplied by <paramref name="factor"/>.</summary>
    static abstract void StoreScaled(byte* destination, T value, T factor);

    /// <summary>The half-precision floats in the low halves of the lanes, as bits of single-precision ones.</summary>
    static abstract T LowHalf(T value);

    /// <summary>The floats of the lanes, as bits, with the sign turned.</summary>
    static abstract T Negate(T value);

    /// <summary>Four 16-entry table look-ups a lane, one a byte; the bytes are 0…15.</summary>
    static abstract T LookUp(T indices, byte* table);

    /// <summary>Bits of both.</summary>
    static abstract T operator &(T left, T right);

    /// <summary>Bits of either.</summary>
    static abstract T operator |(T left, T right);

    /// <summary>Bits of one alone.</summary>
    static abstract T operator ^(T left, T right);

    /// <summary>Moves bits up.</summary>
    static abstract T operator <<(T value, int count);

    /// <summary>Moves bits down, zeros follow.</summary>
    static abstract T operator >>>(T value, int count);

    /// <summary>Moves bits down, the sign follows.</summary>
    static abstract T operator >>(T value, int count);
}
