namespace Percept.Tensors.Diagnostics;

/// <summary>One limit of this machine as measured.</summary>
/// <param name="Kind">Which limit.</param>
/// <param name="Method">How it was reached, for example <c>emitted vpdpbusd 512</c>.</param>
/// <param name="Unit"><c>GFLOP/s</c>, <c>GOP/s</c> or <c>GB/s</c>.</param>
/// <param name="OneThread">The rate of one thread.</param>
/// <param name="AllThreads">The rate of <paramref name="Threads"/> threads together.</param>
/// <param name="Threads">How many threads the pool had.</param>
public sealed record Peak(PeakKind Kind, string Method, string Unit, double OneThread, double AllThreads, int Threads);
