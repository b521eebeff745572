namespace Percept.Tensors.Kernels;

/// <summary>Decodes one block of a quantized format; implemented by empty structs so that the row loop is specialised.</summary>
internal unsafe interface IBlockDecoder
{
    /// <summary>Elements of a block: a multiple of 32.</summary>
    static abstract int Elements { get; }

    /// <summary>Bytes of a block.</summary>
    static abstract int Bytes { get; }

    /// <summary>Decodes one block with 128-bit or wider vectors; the same bits as <see cref="DecodeScalar"/>.</summary>
    /// <param name="block"><see cref="Bytes"/> bytes, any alignment; nothing outside is read.</param>
    /// <param name="dst"><see cref="Elements"/> floats, any alignment; must not overlap the block.</param>
    static abstract void Decode(byte* block, float* dst);

    /// <summary>Decodes one block in plain C#.</summary>
    /// <param name="block"><see cref="Bytes"/> bytes.</param>
    /// <param name="dst"><see cref="Elements"/> floats.</param>
    static abstract void DecodeScalar(byte* block, float* dst);
}
