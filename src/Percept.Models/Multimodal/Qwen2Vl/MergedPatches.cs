using Percept.Media;

namespace Percept.Models;

/// <summary>
/// Rows of patches in the order of merge blocks: rows are (block row, block column, row in block, column in block),
/// columns (channel, time, row, column).
/// </summary>
/// <param name="Patch">The side of a patch.</param>
/// <param name="Merge">Patches along the side of a merge block.</param>
internal readonly record struct MergedPatches(int Patch, int Merge)
{
    /// <summary>Writes the frames of one temporal patch; a frame that repeats the one before is copied.</summary>
    internal void Write(ReadOnlySpan<Image> frames, ImageSize grid, PixelTable table, Span<float> target)
    {
        int plane = Patch * Patch;
        int channel = frames.Length * plane;
        for (int blockRow = 0; blockRow < grid.Height; blockRow += Merge)
        {
            for (int blockColumn = 0; blockColumn < grid.Width; blockColumn += Merge)
            {
                for (int cell = 0; cell < Merge * Merge; cell++)
                {
                    int y = (blockRow + (cell / Merge)) * Patch;
                    int x = (blockColumn + (cell % Merge)) * Patch;
                    for (int time = 0; time < frames.Length; time++)
                    {
                        if (time > 0 && ReferenceEquals(frames[time], frames[time - 1]))
                        {
                            Copy(target[((time - 1) * plane)..], channel, plane);
                        }
                        else
                        {
                            WriteOne(frames[time], (y, x), table, target[(time * plane)..], channel);
                        }
                    }

                    target = target[(3 * channel)..];
                }
            }
        }
    }

    private static void Copy(Span<float> target, int channel, int plane)
    {
        for (int i = 0; i < 3; i++)
        {
            target.Slice(i * channel, plane).CopyTo(target[((i * channel) + plane)..]);
        }
    }

    private void WriteOne(Image frame, (int Row, int Column) at, PixelTable table, Span<float> target, int channel)
    {
        for (int row = 0; row < Patch; row++)
        {
            int place = row * Patch;
            PixelWriter.Planes(
                frame.Row(at.Row + row).Slice(at.Column * 3, Patch * 3), table, target.Slice(place, Patch),
                target.Slice(place + channel, Patch), target.Slice(place + (2 * channel), Patch));
        }
    }
}
