namespace Percept.Media;

/// <summary>Work on one picture by several threads.</summary>
internal static class JpegOverlap
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

        try
        {
            run(0);
        }
        finally
        {
            // Never leave while another thread still works with memory that is given back.
            Task.WaitAny(Task.WhenAll(others));
        }

        foreach (Task other in others)
        {
            other.GetAwaiter().GetResult();
        }
    }

    /// <summary>Decodes a scan on the caller's thread and transforms it on another one.</summary>
    internal static void Decode(JpegSequentialScan scan, JpegRowPipeline pipeline, JpegFrame frame, DecodeGuard guard)
    {
        using var rows = new JpegDecodedRows(scan, pipeline, frame.Height);
        Task other = Task.Run(rows.RenderAll);
        try
        {
            for (int y = 0; y < scan.McusHigh; y++)
            {
                guard.Tick();
                rows.DecodeNext();
            }

            rows.Finish();
        }
        finally
        {
            // The other thread must have stopped before the rows' memory is given back, whatever went wrong.
            rows.Abandon();
            Task.WaitAny(other);
        }

        other.GetAwaiter().GetResult();
    }
}
