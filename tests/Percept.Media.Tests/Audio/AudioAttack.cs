using Percept.TestSupport;
using Xunit;

namespace Percept.Media.Tests;

/// <summary>Feeds broken sounds.</summary>
internal static class AudioAttack
{
    private const long MostBytes = 8 << 20;

    /// <summary>Decodes; anything but a result or a typed exception, or much memory, fails.</summary>
    internal static void ReadOrRefuse(byte[] file)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            AudioDecoder.Decode(file);
        }
        catch (Exception error) when (Fuzzer.IsTyped(error))
        {
            // A typed refusal is what broken input deserves.
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, MostBytes);
    }
}
