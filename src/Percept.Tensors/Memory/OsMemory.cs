using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Percept.Tensors.Memory;

/// <summary>Advice to the operating system about data pages; each call has a portable way of doing without it.</summary>
internal static unsafe partial class OsMemory
{
    /// <summary>The size and alignment of a huge page on the systems that take the advice.</summary>
    internal const long HugePageBytes = 2L << 20;

    private const int AdviseHugePages = 14;
    private const int AdvisePopulateRead = 22;
    private const int AdviseWillNeed = 3;

    /// <summary>
    /// Allocates data pages; from <see cref="HugePageBytes"/> on they are aligned to it and, on Linux, backed by huge
    /// pages where the system allows it.
    /// </summary>
    /// <exception cref="OutOfMemoryException">The memory cannot be had.</exception>
    internal static byte* Allocate(long bytes)
    {
        bool huge = bytes >= HugePageBytes;
        byte* pointer = (byte*)NativeMemory.AlignedAlloc((nuint)bytes, huge ? (nuint)HugePageBytes : 64);
        if (huge && OperatingSystem.IsLinux())
        {
            // A refusal changes speed only.
            _ = Advise(pointer, (nuint)(bytes & ~(HugePageBytes - 1)), AdviseHugePages);
        }

        return pointer;
    }

    /// <summary>Frees what <see cref="Allocate"/> gave.</summary>
    internal static void Free(byte* pointer) => NativeMemory.AlignedFree(pointer);

    /// <summary>Asks for mapped pages to be read in before they are touched. Does nothing where there is no such call.</summary>
    internal static void Prefetch(byte* pointer, long bytes)
    {
        if (bytes <= 0 || !OperatingSystem.IsLinux())
        {
            return;
        }

        nint page = Environment.SystemPageSize;
        byte* start = (byte*)((nint)pointer & ~(page - 1));
        nuint length = (nuint)(bytes + (pointer - start));
        if (Advise(start, length, AdvisePopulateRead) != 0)
        {
            _ = Advise(start, length, AdviseWillNeed);
        }
    }

    [SupportedOSPlatform("linux")]
    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(void* address, nuint length, int advice);
}
