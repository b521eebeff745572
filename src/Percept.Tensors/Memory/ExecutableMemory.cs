using System.Runtime.InteropServices;

namespace Percept.Tensors.Memory;

/// <summary>Read-execute pages that hold code written at run time; the one place that asks the system for them.</summary>
/// <remarks>
/// Hardened systems refuse some ways or all of them (PR_SET_MDWE, SELinux execmem, macOS hardened runtime, Windows arbitrary
/// code guard). A refusal is no error: <see cref="TryCreate"/> returns null and the caller takes its intrinsics path.
/// No page is writable and executable at the same time.
/// </remarks>
internal sealed unsafe partial class ExecutableMemory : IDisposable
{
    private const int ProtRead = 1;
    private const int ProtWrite = 2;
    private const int ProtExec = 4;
    private const int MapShared = 1;
    private const int MapPrivate = 2;
    private const int MapAnonymousLinux = 0x20;
    private const int MapAnonymousMac = 0x1000;
    private const uint MemfdCloseOnExec = 1;
    private const uint MemCommitReserve = 0x3000;
    private const uint MemRelease = 0x8000;
    private const uint PageReadWrite = 0x04;
    private const uint PageExecuteRead = 0x20;

    private static readonly void* s_mapFailed = (void*)-1;

    private void* _address;
    private readonly nuint _size;

    private ExecutableMemory(void* address, nuint size, ExecutableSources source)
    {
        _address = address;
        _size = size;
        Source = source;
    }

    ~ExecutableMemory() => Free();

    /// <summary>The first byte of the code, page-aligned; null once disposed.</summary>
    internal void* Address => _address;

    /// <summary>The way by which the pages were got.</summary>
    internal ExecutableSources Source { get; }

    /// <summary>Places code in fresh executable pages; null when the system or <paramref name="sources"/> refuses.</summary>
    internal static ExecutableMemory? TryCreate(ReadOnlySpan<byte> code, ExecutableSources sources = ExecutableSources.All)
    {
        if (code.IsEmpty)
        {
            return null;
        }

        nuint page = (nuint)Environment.SystemPageSize;
        nuint size = ((nuint)code.Length + page - 1) / page * page;
        void* address = null;
        ExecutableSources source = ExecutableSources.MemoryFile;
        if (OperatingSystem.IsLinux() && (sources & ExecutableSources.MemoryFile) != 0)
        {
            address = FromMemoryFile(code, size);
        }

        if (address == null && (sources & ExecutableSources.SwitchedPages) != 0)
        {
            source = ExecutableSources.SwitchedPages;
            address = OperatingSystem.IsWindows()
                ? FromVirtualAlloc(code, size)
                : OperatingSystem.IsLinux() || OperatingSystem.IsMacOS() ? FromMprotect(code, size) : null;
        }

        return address == null ? null : new ExecutableMemory(address, size, source);
    }

    /// <summary>Gives the pages back. No code in them may be running or be called afterwards.</summary>
    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private static void* FromMemoryFile(ReadOnlySpan<byte> code, nuint size)
    {
        int file = MemfdCreate("percept-code", MemfdCloseOnExec);
        if (file < 0)
        {
            return null;
        }

        void* address = null;
        if (Ftruncate(file, (nint)size) == 0 && WriteAll(file, code))
        {
            address = Mmap(null, size, ProtRead | ProtExec, MapShared, file, 0);
        }

        _ = Close(file);
        return address == s_mapFailed ? null : address;
    }

    private static bool WriteAll(int file, ReadOnlySpan<byte> code)
    {
        fixed (byte* start = code)
        {
            nint done = 0;
            while (done < code.Length)
            {
                nint written = Write(file, start + done, (nuint)(code.Length - done));
                if (written <= 0)
                {
                    return false;
                }

                done += written;
            }
        }

        return true;
    }

    private static void* FromMprotect(ReadOnlySpan<byte> code, nuint size)
    {
        int anonymous = OperatingSystem.IsMacOS() ? MapAnonymousMac : MapAnonymousLinux;
        void* address = Mmap(null, size, ProtRead | ProtWrite, MapPrivate | anonymous, -1, 0);
        if (address == s_mapFailed)
        {
            return null;
        }

        code.CopyTo(new Span<byte>(address, code.Length));
        if (Mprotect(address, size, ProtRead | ProtExec) != 0)
        {
            _ = Munmap(address, size);
            return null;
        }

        return address;
    }

    private static void* FromVirtualAlloc(ReadOnlySpan<byte> code, nuint size)
    {
        void* address = VirtualAlloc(null, size, MemCommitReserve, PageReadWrite);
        if (address == null)
        {
            return null;
        }

        code.CopyTo(new Span<byte>(address, code.Length));
        if (VirtualProtect(address, size, PageExecuteRead, out _) == 0)
        {
            _ = VirtualFree(address, 0, MemRelease);
            return null;
        }

        _ = FlushInstructionCache(GetCurrentProcess(), address, size);
        return address;
    }

    private void Free()
    {
        void* address = _address;
        _address = null;
        if (address == null)
        {
            return;
        }

        if (OperatingSystem.IsWindows())
        {
            _ = VirtualFree(address, 0, MemRelease);
        }
        else
        {
            _ = Munmap(address, _size);
        }
    }

    [LibraryImport("libc", EntryPoint = "memfd_create", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MemfdCreate(string name, uint flags);

    [LibraryImport("libc", EntryPoint = "ftruncate")]
    private static partial int Ftruncate(int file, nint length);

    [LibraryImport("libc", EntryPoint = "write")]
    private static partial nint Write(int file, void* data, nuint count);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int file);

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial void* Mmap(void* address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "mprotect")]
    private static partial int Mprotect(void* address, nuint length, int protection);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Munmap(void* address, nuint length);

    [LibraryImport("kernel32", EntryPoint = "VirtualAlloc")]
    private static partial void* VirtualAlloc(void* address, nuint size, uint kind, uint protection);

    [LibraryImport("kernel32", EntryPoint = "VirtualProtect")]
    private static partial int VirtualProtect(void* address, nuint size, uint protection, out uint old);

    [LibraryImport("kernel32", EntryPoint = "VirtualFree")]
    private static partial int VirtualFree(void* address, nuint size, uint kind);

    [LibraryImport("kernel32", EntryPoint = "GetCurrentProcess")]
    private static partial nint GetCurrentProcess();

    [LibraryImport("kernel32", EntryPoint = "FlushInstructionCache")]
    private static partial int FlushInstructionCache(nint process, void* address, nuint size);
}
