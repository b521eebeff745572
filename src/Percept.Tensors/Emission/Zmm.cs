using Iced.Intel;

namespace Percept.Tensors.Emission;

/// <summary>Vector registers by number, for kernels whose register allocation is computed.</summary>
internal static class Zmm
{
    /// <summary>zmm0 … zmm31.</summary>
    internal static AssemblerRegisterZMM At(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)index, 31u);
        return new AssemblerRegisterZMM(Register.ZMM0 + index);
    }
}
