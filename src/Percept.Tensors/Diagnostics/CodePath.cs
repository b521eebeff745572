namespace Percept.Tensors.Diagnostics;

/// <summary>Which of its implementations a kernel family uses in this process.</summary>
/// <param name="Family">The kernel family, for example <c>gemm-bf16</c>.</param>
/// <param name="Path">The implementation, for example <c>emitted vdpbf16ps 512</c> or <c>intrinsics 256</c>.</param>
public sealed record CodePath(string Family, string Path);
