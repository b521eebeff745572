using System.Diagnostics;
using Percept.Data;

namespace Percept.Bench.Data;

/// <summary><c>data [NAME…]</c>: how many samples of generated datasets one thread makes a second, pictures drawn.</summary>
internal static class DataCommand
{
    private const int WarmUp = 100;
    private const int Rounds = 5;

    private static readonly TimeSpan s_round = TimeSpan.FromSeconds(1);

    private static readonly string[] s_names =
    [
        "generated:scenes?seed=1&count=1000000&side=100",
        "generated:scenes-vqa?seed=1&count=1000000&side=100&questions=8",
        "generated:scenes-caption?seed=1&count=1000000&side=100",
        "generated:words?seed=1&count=1000000&side=100",
        "generated:nlvr-like?seed=1&count=1000000&apart=1",
        "generated:nlvr-like?seed=1&count=1000000&apart=1&statements=4&lists=behind",
    ];

    internal static int Run(string[] args)
    {
        foreach (string name in args.Length > 0 ? args : s_names)
        {
            IDataset data;
            try
            {
                data = GeneratedDatasets.Open(name);
            }
            catch (ArgumentException error)
            {
                Console.Error.WriteLine(error.Message);
                return 2;
            }

            Console.WriteLine($"{name}: {Measure(data):f0} samples a second of a thread");
        }

        return 0;
    }

    private static double Measure(IDataset data)
    {
        int next = 0;
        for (int i = 0; i < WarmUp; i++)
        {
            Make(data[next++ % data.Count]);
        }

        var rates = new double[Rounds];
        for (int round = 0; round < Rounds; round++)
        {
            int first = next;
            long start = Stopwatch.GetTimestamp();
            TimeSpan elapsed;
            do
            {
                Make(data[next++ % data.Count]);
                elapsed = Stopwatch.GetElapsedTime(start);
            }
            while (elapsed < s_round);
            rates[round] = (next - first) / elapsed.TotalSeconds;
        }

        Array.Sort(rates);
        return rates[Rounds / 2];
    }

    private static void Make(DatasetSample sample)
    {
        foreach (MediaReference media in sample.Media)
        {
            _ = media.LoadImage();
        }
    }
}
