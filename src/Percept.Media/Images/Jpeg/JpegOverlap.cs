using System.Runtime.ExceptionServices;

namespace Percept.Media;

/// <summary>Work of one picture on several threads.</summary>
internal static unsafe class JpegOverlap
{
    /// <summary>Runs bands on as many threads, one of them the caller's.</summary>
    internal static void RunAll(int bands, Action<int> run)
    {
        var others = new Task[bands - 1];
        for (int i = 0; i < others.Length; i++)
        {
            int band = i + 1;
            others[i] = Task.Run(() => run(band));
        }

        Exception? failure = null;
        try
        {
            run(0);
        }
        finally
        {
            // Never leave while another thread still writes into memory that is given back.
            failure = Wait(others);
        }

        if (failure is not null)
        {
            ExceptionDispatchInfo.Throw(failure);
        }
    }

    /// <summary>Decodes a scan on one thread and transforms it on another.</summary>
    internal static void Decode(JpegSequentialScan scan, JpegRowPipeline pipeline, JpegFrame frame, DecodeGuard guard)
    {
        for (int y = 0; y < scan.McusHigh; y++)
        {
            guard.Tick();
            scan.DecodeRow(pipeline, y);
            pipeline.Emit(y, 0, frame.Height);
        }
    }

    private static Exception? Wait(Task[] tasks)
    {
        try
        {
            Task.WaitAll(tasks);
            return null;
        }
        catch (AggregateException error)
        {
            return error.InnerExceptions[0];
        }
    }
}
