using System.Globalization;
using Percept.Media;

namespace Percept.Data;

/// <summary>A picture of NLVR by its content: three boxes with items, either scattered or stacked to one tower in each box.</summary>
/// <param name="Boxes">Three boxes from left to right.</param>
public sealed record NlvrScene(IReadOnlyList<IReadOnlyList<NlvrItem>> Boxes)
{
    /// <summary>Pixels of each side of a box.</summary>
    public const int BoxSide = 100;

    /// <summary>Pixels from a box's left side to the next one's.</summary>
    public const int BoxStep = 150;

    /// <summary>Pixels of a picture's width.</summary>
    public const int Width = 400;

    /// <summary>How many orders three boxes have.</summary>
    public const int Orders = 6;

    private static readonly int[][] s_orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];

    /// <summary>All items of all boxes.</summary>
    public IEnumerable<NlvrItem> Items => Boxes.SelectMany(box => box);

    /// <summary>Whether each box has one tower of squares.</summary>
    public bool IsTower => Items.All(i => i is { Shape: NlvrShape.Square, Size: 20, X: 40 });

    /// <summary>The same text for scenes of the same boxes, whatever their order and that of the items in each.</summary>
    internal string Key() => string.Join('|', Boxes.Select(box => string.Join(';', box.Select(item => string.Create(
        CultureInfo.InvariantCulture, $"{item.Shape},{item.Color},{item.X},{item.Y},{item.Size}")).Order(StringComparer.Ordinal))).Order(StringComparer.Ordinal));

    /// <summary>Paints the scene as the pictures of the dataset are.</summary>
    /// <returns>A picture of 400×100 in RGB.</returns>
    public Image Draw() => NlvrPainter.Draw(this);

    /// <summary>Paints one box alone.</summary>
    /// <param name="box">The box, 0 to 2.</param>
    /// <returns>A picture of 100×100 in RGB.</returns>
    public Image DrawBox(int box) => NlvrPainter.DrawBox(Boxes[box]);

    /// <summary>Cuts one box out of a picture.</summary>
    /// <param name="image">A picture of 400×100.</param>
    /// <param name="box">The box, 0 to 2.</param>
    /// <returns>A picture of 100×100.</returns>
    public static Image Box(Image image, int box)
    {
        ArgumentNullException.ThrowIfNull(image);
        return image.Crop(box * BoxStep, 0, (box * BoxStep) + BoxSide, BoxSide);
    }

    /// <summary>The boxes of an order: which box of order 0 stands first, second and third.</summary>
    /// <param name="order">The number of the order, 0 to 5, as file names have it.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such order.</exception>
    public static IReadOnlyList<int> Order(int order)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(order);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(order, Orders);
        return s_orders[order];
    }

    /// <summary>The scene with its boxes in another order.</summary>
    /// <param name="order">The number of the order, 0 to 5.</param>
    public NlvrScene InOrder(int order) => new([.. Order(order).Select(i => Boxes[i])]);

    /// <summary>A picture of order 0 with its boxes in another order.</summary>
    /// <param name="image">A picture of 400×100 in RGB.</param>
    /// <param name="order">The number of the order, 0 to 5.</param>
    /// <exception cref="ArgumentException">The picture has another size or format.</exception>
    public static Image MoveBoxes(Image image, int order)
    {
        ArgumentNullException.ThrowIfNull(image);
        if (image is not { Width: Width, Height: BoxSide, Format: PixelFormat.Rgb })
        {
            throw new ArgumentException(
                $"The picture has {image.Width}×{image.Height} pixels in {image.Format}; NLVR's have {Width}×{BoxSide} in RGB.",
                nameof(image));
        }

        Image moved = image.Clone();
        IReadOnlyList<int> boxes = Order(order);
        for (int y = 0; y < BoxSide; y++)
        {
            ReadOnlySpan<byte> from = image.Row(y);
            Span<byte> to = moved.Row(y);
            for (int i = 0; i < boxes.Count; i++)
            {
                from.Slice(3 * BoxStep * boxes[i], 3 * BoxSide).CopyTo(to[(3 * BoxStep * i)..]);
            }
        }

        return moved;
    }
}
