using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Percept.Media;

namespace Percept.Models;

/// <summary>Boxes and points in text: writes them, finds them again, draws them.</summary>
/// <remarks>Reference: shikras/shikra, <c>dataset/process_function/box_process_function.py</c>.</remarks>
public static partial class BoxText
{
    private const string BoxMark = "<boxes>";
    private const int Places = 3;
    private const int Bins = 1001;

    /// <summary>The boxes of an answer on the picture that was shown.</summary>
    /// <param name="answer">The answer; boxes in square brackets, or as tokens of bins.</param>
    /// <param name="picture">The picture's size.</param>
    /// <returns>For each bracket its boxes in pixels of the picture.</returns>
    public static IReadOnlyList<IReadOnlyList<ImageBox>> Parse(string answer, ImageSize picture)
    {
        var frame = new SquareFrame(picture);
        IReadOnlyList<IReadOnlyList<TextBox>> found = Boxes(answer);
        found = found.Count > 0 ? found : Boxes(answer, BoxNotation.Bins);
        return [.. found.Select(group => (IReadOnlyList<ImageBox>)[.. group.Select(frame.ToPicture)])];
    }

    /// <summary>The boxes in a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="notation">How they are written.</param>
    /// <returns>For each bracket its boxes.</returns>
    public static IReadOnlyList<IReadOnlyList<TextBox>> Boxes(string text, BoxNotation notation = BoxNotation.Square)
    {
        ArgumentNullException.ThrowIfNull(text);

        // Bins may stand apart; numbers may not.
        text = notation == BoxNotation.Bins ? text.Replace(" ", string.Empty, StringComparison.Ordinal) : text;
        Regex pattern = notation switch
        {
            BoxNotation.Square => SquareBoxes(),
            BoxNotation.Round => RoundBoxes(),
            _ => BinBoxes(),
        };
        return Groups(pattern, text, notation, 4, static n => new TextBox(n[0], n[1], n[2], n[3]));
    }

    /// <summary>The points in a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="notation">How they are written.</param>
    /// <returns>For each bracket its points.</returns>
    public static IReadOnlyList<IReadOnlyList<TextPoint>> Points(string text, BoxNotation notation = BoxNotation.Square)
    {
        ArgumentNullException.ThrowIfNull(text);
        Regex pattern = notation switch
        {
            BoxNotation.Square => SquarePoints(),
            BoxNotation.Round => RoundPoints(),
            _ => BinPoints(),
        };
        return Groups(pattern, text, notation, 2, static n => new TextPoint(n[0], n[1]));
    }

    /// <summary>Writes boxes that belong together.</summary>
    /// <param name="boxes">The boxes.</param>
    /// <param name="notation">How they are written.</param>
    public static string Format(IReadOnlyList<TextBox> boxes, BoxNotation notation = BoxNotation.Square)
    {
        ArgumentNullException.ThrowIfNull(boxes);
        return Write(boxes.Select(static box => new[] { box.Left, box.Top, box.Right, box.Bottom }), notation, 'b');
    }

    /// <summary>Writes points that belong together.</summary>
    /// <param name="points">The points.</param>
    /// <param name="notation">How they are written.</param>
    public static string Format(IReadOnlyList<TextPoint> points, BoxNotation notation = BoxNotation.Square)
    {
        ArgumentNullException.ThrowIfNull(points);
        return Write(points.Select(static point => new[] { point.X, point.Y }), notation, 'p');
    }

    /// <summary>Writes boxes in the places <c>&lt;boxes&gt;</c> of a sentence.</summary>
    /// <param name="sentence">The sentence.</param>
    /// <param name="boxes">The boxes of each place.</param>
    /// <param name="notation">How they are written.</param>
    /// <exception cref="ArgumentException">There are not as many places as groups of boxes.</exception>
    public static string Fill(
        string sentence, IReadOnlyList<IReadOnlyList<TextBox>> boxes, BoxNotation notation = BoxNotation.Square)
    {
        ArgumentNullException.ThrowIfNull(sentence);
        ArgumentNullException.ThrowIfNull(boxes);
        string[] pieces = sentence.Split(BoxMark);
        if (pieces.Length - 1 != boxes.Count)
        {
            throw new ArgumentException(
                $"The sentence has {pieces.Length - 1} places '{BoxMark}' for {boxes.Count} groups of boxes.", nameof(boxes));
        }

        var text = new StringBuilder(pieces[0]);
        for (int i = 0; i < boxes.Count; i++)
        {
            text.Append(Format(boxes[i], notation)).Append(pieces[i + 1]);
        }

        return text.ToString();
    }

    /// <summary>Draws the boxes of an answer on the picture that was shown.</summary>
    /// <param name="picture">An RGB or RGBA picture; it is changed.</param>
    /// <param name="answer">The answer.</param>
    /// <returns>How many boxes were drawn; those of one bracket have one colour and number.</returns>
    public static int Draw(Image picture, string answer)
    {
        ArgumentNullException.ThrowIfNull(picture);
        var drawing = new ImageDrawing(picture);
        IReadOnlyList<IReadOnlyList<ImageBox>> groups = Parse(answer, new(picture.Height, picture.Width));
        int drawn = 0;
        for (int group = 0; group < groups.Count; group++)
        {
            foreach (ImageBox box in groups[group])
            {
                drawing.LabeledBox(box, (group + 1).ToString(CultureInfo.InvariantCulture), ImageColor.OfSeries(group));
                drawn++;
            }
        }

        return drawn;
    }

    private static string Write(IEnumerable<double[]> items, BoxNotation notation, char kind)
    {
        if (notation == BoxNotation.Bins)
        {
            IEnumerable<string> all = items.Select(item => string.Join(' ', item.Select(static number =>
                string.Create(CultureInfo.InvariantCulture, $"<bin_{Math.Round(number * (Bins - 1), MidpointRounding.ToEven):f0}>"))));
            return $"<{kind}_st>{string.Join($"<{kind}_sep>", all)}<{kind}_ed>";
        }

        string text = string.Join(';', items.Select(item => string.Join(',', item.Select(number => DecimalRounding.Text(number, Places)))));
        return notation == BoxNotation.Round ? $"({text})" : $"[{text}]";
    }

    private static List<IReadOnlyList<T>> Groups<T>(Regex pattern, string text, BoxNotation notation, int numbers, Func<double[], T> make)
    {
        var groups = new List<IReadOnlyList<T>>();
        foreach (Match match in pattern.Matches(text))
        {
            double[] all = notation == BoxNotation.Bins
                ? [.. Bin().Matches(match.Value).Select(static bin => int.Parse(bin.Groups[1].ValueSpan, CultureInfo.InvariantCulture) / (double)(Bins - 1))]
                : [.. match.Value[1..^1].Split(',', ';').Select(static number => double.Parse(number, CultureInfo.InvariantCulture))];
            groups.Add([.. all.Chunk(numbers).Select(make)]);
        }

        return groups;
    }

    [GeneratedRegex(@"\[[0-9](?:\.[0-9]*)?(?:,[0-9](?:\.[0-9]*)?){3}(?:;[0-9](?:\.[0-9]*)?(?:,[0-9](?:\.[0-9]*)?){3})*\]")]
    private static partial Regex SquareBoxes();

    [GeneratedRegex(@"\([0-9](?:\.[0-9]*)?(?:,[0-9](?:\.[0-9]*)?){3}(?:;[0-9](?:\.[0-9]*)?(?:,[0-9](?:\.[0-9]*)?){3})*\)")]
    private static partial Regex RoundBoxes();

    [GeneratedRegex(@"\[[0-9](?:\.[0-9]*)?,[0-9](?:\.[0-9]*)?(?:;[0-9](?:\.[0-9]*)?,[0-9](?:\.[0-9]*)?)*\]")]
    private static partial Regex SquarePoints();

    [GeneratedRegex(@"\([0-9](?:\.[0-9]*)?,[0-9](?:\.[0-9]*)?(?:;[0-9](?:\.[0-9]*)?,[0-9](?:\.[0-9]*)?)*\)")]
    private static partial Regex RoundPoints();

    [GeneratedRegex("<b_st>(?:<bin_[0-9]{1,9}>){4}(?:<b_sep>(?:<bin_[0-9]{1,9}>){4})*<b_ed>")]
    private static partial Regex BinBoxes();

    [GeneratedRegex("<p_st>(?:<bin_[0-9]{1,9}>){2}(?:<p_sep>(?:<bin_[0-9]{1,9}>){2})*<p_ed>")]
    private static partial Regex BinPoints();

    [GeneratedRegex("<bin_([0-9]{1,9})>")]
    private static partial Regex Bin();
}
