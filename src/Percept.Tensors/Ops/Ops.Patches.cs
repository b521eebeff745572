namespace Percept.Tensors;

/// <content>Patches, windows and pixel shuffles: permutations of cut axes. All take any plain element type.</content>
public static partial class Ops
{
    /// <summary>Moves channels into space: [..., C·r², H, W] to [..., C, H·r, W·r].</summary>
    /// <param name="input">Any plain type; the channels are a multiple of r².</param>
    /// <param name="factor">r, 1 or more.</param>
    public static Tensor PixelShuffle(Tensor input, int factor)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(factor, 1);
        RequireRank(input, 3, Shape.MaxRank, nameof(input));
        Shape s = input.Shape;
        int rank = s.Rank, square = checked(factor * factor);
        RequireMultiple(input, rank - 3, square, nameof(input));
        int c = s[-3] / square, h = s[-2], w = s[-1];
        Tensor cut = Reshape(input, [Fold(s, rank - 3), c, factor, factor, h, w]);
        return Reshape(Permute(cut, 0, 1, 4, 2, 5, 3), s.With(-3, c).With(-2, h * factor).With(-1, w * factor));
    }

    /// <summary>Moves space into channels: [..., C, H·r, W·r] to [..., C·r², H, W].</summary>
    /// <param name="input">Any plain type; height and width are multiples of r.</param>
    /// <param name="factor">r, 1 or more.</param>
    public static Tensor PixelUnshuffle(Tensor input, int factor)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(factor, 1);
        RequireRank(input, 3, Shape.MaxRank, nameof(input));
        Shape s = input.Shape;
        int rank = s.Rank;
        RequireMultiple(input, rank - 2, factor, nameof(input));
        RequireMultiple(input, rank - 1, factor, nameof(input));
        int c = s[-3], h = s[-2] / factor, w = s[-1] / factor;
        Tensor cut = Reshape(input, [Fold(s, rank - 3), c, h, factor, w, factor]);
        Shape result = s.With(-3, checked(c * factor * factor)).With(-2, h).With(-1, w);
        return Reshape(Permute(cut, 0, 1, 3, 5, 2, 4), result);
    }

    /// <summary>Cuts pictures into patches: [B, C, H, W] to [B, (H/p)·(W/p), p·p·C], patches row by row.</summary>
    /// <param name="input">Any plain type; height and width are multiples of the patch.</param>
    /// <param name="patch">p, 1 or more.</param>
    /// <param name="order">The order inside a patch.</param>
    public static Tensor Patchify(Tensor input, int patch, PatchOrder order = PatchOrder.ChannelRowColumn)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(patch, 1);
        RequireRank(input, 4, 4, nameof(input));
        RequireMultiple(input, 2, patch, nameof(input));
        RequireMultiple(input, 3, patch, nameof(input));
        Shape s = input.Shape;
        int rows = s[2] / patch, columns = s[3] / patch;
        Tensor cut = Reshape(input, [s[0], s[1], rows, patch, columns, patch]);
        Tensor moved = order == PatchOrder.RowColumnChannel ? Permute(cut, 0, 2, 4, 3, 5, 1) : Permute(cut, 0, 2, 4, 1, 3, 5);
        return Reshape(moved, [s[0], checked(rows * columns), checked(patch * patch * s[1])]);
    }

    /// <summary>The inverse of <see cref="Patchify"/>: [B, (H/p)·(W/p), p·p·C] to [B, C, H, W].</summary>
    /// <param name="input">Any plain type.</param>
    /// <param name="patch">p, 1 or more.</param>
    /// <param name="height">H, a multiple of p.</param>
    /// <param name="width">W, a multiple of p.</param>
    /// <param name="order">The order inside a patch.</param>
    public static Tensor Unpatchify(
        Tensor input, int patch, int height, int width, PatchOrder order = PatchOrder.ChannelRowColumn)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(patch, 1);
        RequireRank(input, 3, 3, nameof(input));
        Shape s = input.Shape;
        int rows = height / patch, columns = width / patch;
        if (height < 0 || width < 0 || rows * patch != height || columns * patch != width || s[1] != (long)rows * columns)
        {
            throw ShapeException.ForShape(
                nameof(input), s, $"the patches of a {height}×{width} picture, {patch}×{patch} each, in axis 1");
        }

        int area = checked(patch * patch);
        RequireMultiple(input, 2, area, nameof(input));
        int c = s[2] / area;
        Tensor moved = order == PatchOrder.RowColumnChannel
            ? Permute(Reshape(input, [s[0], rows, columns, patch, patch, c]), 0, 5, 1, 3, 2, 4)
            : Permute(Reshape(input, [s[0], rows, columns, c, patch, patch]), 0, 3, 1, 4, 2, 5);
        return Reshape(moved, [s[0], c, height, width]);
    }

    /// <summary>Cuts pictures into square windows: [B, H, W, C] to [B·(H/w)·(W/w), w, w, C].</summary>
    /// <param name="input">Any plain type; height and width are multiples of the window.</param>
    /// <param name="window">w, 1 or more.</param>
    /// <param name="shift">The picture is first rolled up and left by this many places.</param>
    public static Tensor WindowPartition(Tensor input, int window, int shift = 0)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(window, 1);
        RequireRank(input, 4, 4, nameof(input));
        RequireMultiple(input, 1, window, nameof(input));
        RequireMultiple(input, 2, window, nameof(input));
        Shape s = input.Shape;
        int rows = s[1] / window, columns = s[2] / window;
        Tensor rolled = shift == 0 ? input : Roll(input, [-shift, -shift], [1, 2]);
        Tensor cut = Reshape(rolled, [s[0], rows, window, columns, window, s[3]]);
        return Reshape(Permute(cut, 0, 1, 3, 2, 4, 5), [checked(s[0] * rows * columns), window, window, s[3]]);
    }

    /// <summary>The inverse of <see cref="WindowPartition"/>: [B·(H/w)·(W/w), w, w, C] to [B, H, W, C].</summary>
    /// <param name="input">Any plain type.</param>
    /// <param name="window">w, 1 or more.</param>
    /// <param name="height">H, a multiple of w.</param>
    /// <param name="width">W, a multiple of w.</param>
    /// <param name="shift">The shift that the windows were cut with.</param>
    public static Tensor WindowReverse(Tensor input, int window, int height, int width, int shift = 0)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(window, 1);
        RequireRank(input, 4, 4, nameof(input));
        Shape s = input.Shape;
        int rows = height / window, columns = width / window;
        long windows = (long)rows * columns;
        if (windows <= 0 || rows * window != height || columns * window != width || s[0] % windows != 0 || s[1] != window
            || s[2] != window)
        {
            throw ShapeException.ForShape(
                nameof(input), s, $"windows of {window}×{window} of pictures of {height}×{width}, a multiple of {windows} in axis 0");
        }

        int batch = (int)(s[0] / windows);
        Tensor moved = Permute(Reshape(input, [batch, rows, columns, window, window, s[3]]), 0, 1, 3, 2, 4, 5);
        Tensor picture = Reshape(moved, [batch, height, width, s[3]]);
        return shift == 0 ? picture : Roll(picture, [shift, shift], [1, 2]);
    }

    /// <summary>
    /// The additive mask of shifted-window attention, [windows, w·w, w·w]: 0 where two places of a window come from one
    /// region of the picture, <paramref name="masked"/> elsewhere.
    /// </summary>
    /// <param name="height">H, a multiple of w.</param>
    /// <param name="width">W, a multiple of w.</param>
    /// <param name="window">w, 1 or more.</param>
    /// <param name="shift">The shift, 0 to w − 1; with 0 nothing is masked.</param>
    /// <param name="masked">The value at masked places.</param>
    public static Tensor ShiftedWindowMask(int height, int width, int window, int shift, float masked = -100f)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(window, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(shift);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(shift, window);
        if (height < 0 || width < 0 || height % window != 0 || width % window != 0)
        {
            throw new ArgumentException($"A {height}×{width} picture is no whole number of {window}×{window} windows.", nameof(height));
        }

        int rows = height / window, columns = width / window, area = checked(window * window);
        Tensor result = Result([checked(rows * columns), area, area]);
        Span<float> mask = result.Writable<float>();
        int next = 0;
        for (int i = 0; i < rows * columns; i++)
        {
            int top = i / columns * window, left = i % columns * window;
            for (int q = 0; q < area; q++)
            {
                int mine = Region(top + (q / window), height) + (3 * Region(left + (q % window), width));
                for (int k = 0; k < area; k++)
                {
                    int other = Region(top + (k / window), height) + (3 * Region(left + (k % window), width));
                    mask[next++] = mine == other ? 0f : masked;
                }
            }
        }

        return result;

        int Region(int at, int size) => shift == 0 || at < size - window ? 0 : at < size - shift ? 1 : 2;
    }

    internal static void RequireMultiple(Tensor tensor, int axis, int of, string argument)
    {
        if (tensor.Shape[axis] % of != 0)
        {
            throw new ShapeException(
                $"Axis {axis} of '{argument}' has size {tensor.Shape[axis]}, expected a multiple of {of} (shape {tensor.Shape}).",
                argument, axis, $"a multiple of {of}", $"{tensor.Shape[axis]}");
        }
    }

    private static int Fold(in Shape shape, int axes) => checked((int)shape.CountBefore(axes));
}
