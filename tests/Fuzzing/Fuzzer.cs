using System.Diagnostics;

namespace Percept.TestSupport;

/// <summary>Mutates valid inputs with a fixed seed and holds a parser to its promises.</summary>
public static class Fuzzer
{
    /// <summary>The longest time of one case.</summary>
    public static readonly TimeSpan MaxTime = TimeSpan.FromSeconds(1);

    private const int MaxGrowth = 256;

    private static readonly byte[] s_telling = [0x00, 0x01, 0x7F, 0x80, 0xFE, 0xFF];

    /// <summary>What a parser may throw.</summary>
    public static bool IsTyped(Exception error) =>
        error is InvalidDataException or NotSupportedException or EndOfStreamException;

    /// <summary>Runs cases; case i of a target is the same in every run.</summary>
    /// <param name="target">The parser.</param>
    /// <param name="cases">How many cases.</param>
    /// <param name="first">The number of the first case.</param>
    /// <returns>What went wrong, a line each; empty when nothing did.</returns>
    public static IReadOnlyList<string> Run(FuzzTarget target, int cases, int first = 0)
    {
        ArgumentNullException.ThrowIfNull(target);
        IReadOnlyList<byte[]> seeds = target.Seeds();
        if (seeds.Count == 0)
        {
            return [$"{target.Name}: there are no seeds"];
        }

        var problems = new List<string>();
        foreach (byte[] seed in seeds)
        {
            // A seed that is not read would make every mutation of it meaningless; it also warms the parser up.
            try
            {
                target.Parse(seed);
            }
            catch (Exception error)
            {
                problems.Add($"{target.Name}: a seed is refused: {error.GetType().Name}: {error.Message}");
            }
        }

        for (int i = first; i < first + cases && problems.Count < 20; i++)
        {
            byte[] input = Case(seeds, i);
            if (Judge(target, input) is { } problem)
            {
                problems.Add($"{target.Name}, case {i} ({input.Length} bytes): {problem}");
            }
        }

        return problems;
    }

    /// <summary>The input of a case.</summary>
    public static byte[] Case(IReadOnlyList<byte[]> seeds, int number)
    {
        var random = new Random(unchecked((number * 7919) + 17));
        byte[] bytes = [.. seeds[number % seeds.Count]];
        int mutations = 1 + random.Next(random.Next(4) == 0 ? 16 : 4);
        for (int m = 0; m < mutations; m++)
        {
            bytes = Mutate(bytes, seeds, random);
        }

        return bytes;
    }

    private static string? Judge(FuzzTarget target, byte[] input)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        long start = Stopwatch.GetTimestamp();
        string? problem = null;
        try
        {
            target.Parse(input);
        }
        catch (Exception error) when (!IsTyped(error))
        {
            string at = error.StackTrace?.Split('\n').FirstOrDefault()?.Trim() ?? "";
            problem = $"{error.GetType().Name}: {error.Message} {at}";
        }
        catch (Exception)
        {
            // A typed refusal is what broken input deserves.
        }

        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        TimeSpan time = Stopwatch.GetElapsedTime(start);
        if (problem is null && time > MaxTime)
        {
            // A busy machine can stall a case; only a case that is slow again is slow.
            start = Stopwatch.GetTimestamp();
            try
            {
                target.Parse(input);
            }
            catch (Exception error) when (IsTyped(error))
            {
            }

            time = Stopwatch.GetElapsedTime(start);
            problem = time > MaxTime ? FormattableString.Invariant($"took {time.TotalSeconds:f1} s") : null;
        }

        return problem ?? (allocated > target.MaxAllocation
            ? $"allocated {allocated} bytes, allowed {target.MaxAllocation}"
            : null);
    }

    private static byte[] Mutate(byte[] bytes, IReadOnlyList<byte[]> seeds, Random random)
    {
        if (bytes.Length == 0)
        {
            return [(byte)random.Next(256)];
        }

        int at = random.Next(3) == 0 ? random.Next(Math.Min(bytes.Length, 64)) : random.Next(bytes.Length);
        switch (random.Next(10))
        {
            case 0:
                bytes[at] ^= (byte)(1 << random.Next(8));
                return bytes;
            case 1:
                bytes[at] = (byte)random.Next(256);
                return bytes;
            case 2:
                bytes[at] = s_telling[random.Next(s_telling.Length)];
                return bytes;
            case 3:
                bytes[at] = (byte)(bytes[at] + random.Next(-4, 5));
                return bytes;
            case 4:
                bytes.AsSpan(at, Math.Min(random.Next(1, 9), bytes.Length - at)).Fill(s_telling[random.Next(s_telling.Length)]);
                return bytes;
            case 5:
                return bytes[..at];
            case 6:
                int cut = Math.Min(random.Next(1, 32), bytes.Length - at);
                return [.. bytes[..at], .. bytes[(at + cut)..]];
            case 7:
                byte[] noise = new byte[random.Next(1, 16)];
                random.NextBytes(noise);
                return [.. bytes[..at], .. noise, .. bytes[at..]];
            case 8:
                int length = Math.Min(random.Next(1, MaxGrowth), bytes.Length - at);
                return [.. bytes[..(at + length)], .. bytes[at..]];
            default:
                byte[] other = seeds[random.Next(seeds.Count)];
                return other.Length == 0 ? bytes : [.. bytes[..at], .. other[random.Next(other.Length)..]];
        }
    }
}
