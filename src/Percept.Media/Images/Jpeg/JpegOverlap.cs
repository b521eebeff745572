namespace Percept.Media;

/// <summary>Work on one picture by several threads.</summary>
/// <remarks>
/// Other threads come from the pool. Where all of them are busy the caller does everything itself: a service whose pool is
/// full of callers that wait for pictures must not come to a halt.
/// </remarks>
internal static class JpegOverlap
{
    /// <summary>Runs bands on as many threads, one of them the caller's.</summary>
    internal static void RunAll(int bands, Action<int> run)
    {
        var others = new JpegHelper[bands - 1];
        for (int i = 0; i < others.Length; i++)
        {
            int band = i + 1;
            others[i] = JpegHelper.Start(() => run(band));
        }

        try
        {
            run(0);
            foreach (JpegHelper other in others)
            {
                other.RunIfNotBegun();
            }
        }
        finally
        {
            // Never leave while another thread still works with memory that is given back.
            foreach (JpegHelper other in others)
            {
                other.Leave();
            }
        }

        foreach (JpegHelper other in others)
        {
            other.ThrowIfFailed();
        }
    }

    /// <summary>Decodes a scan on the caller's thread and transforms it on another one.</summary>
    internal static void Decode(JpegSequentialScan scan, JpegRowPipeline pipeline, JpegFrame frame, DecodeGuard guard)
    {
        using var rows = new JpegDecodedRows(scan, pipeline, frame.Height);
        JpegHelper other = JpegHelper.Start(rows.RenderAll);
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
            other.Leave();
        }

        other.ThrowIfFailed();
    }
}
