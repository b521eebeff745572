using System.Globalization;
using Percept.Media;

namespace Percept.Data;

/// <summary>
/// Generated pictures of words, numbers and single letters to read: sample <c>i</c> follows from the seed, the part and <c>i</c> alone.
/// </summary>
/// <remarks>
/// Two fifths are common words (of which validation has those of training, the other parts a fifth of their own), a quarter
/// made-up words, a quarter numbers of one to five digits, a tenth single letters; <see cref="WordOptions.Strings"/> puts letters in no
/// order in the place of a part of all these. With several columns all are single letters and digits, each in
/// a field of its own: where a letter is follows from its place in the answer, so that the shapes of letters are learned first.
/// </remarks>
public sealed class WordDataset : IDataset
{
    private const string Spell = "Spell the text.", SpellLines = "Spell the lines.";

    private static readonly string[] s_ask = ["What is written?", "Read the text.", "What does it say?"];

    private static readonly string[] s_askFields = ["Read the letters row by row.", "Which letters are shown, row by row?"];

    private static readonly string[] s_askLines = ["Read the lines.", "Read all lines.", "What do the lines say?"];

    private readonly long _seed;
    private readonly WordOptions _options;

    /// <summary>Names a dataset; nothing is drawn yet.</summary>
    /// <param name="seed">The seed.</param>
    /// <param name="count">How many samples there are, at least 1.</param>
    /// <param name="options">The side of pictures, the part, how many lines and columns there are, and whether they are also spelled.</param>
    /// <exception cref="ArgumentOutOfRangeException">The count is below 1, or an option is out of its range.</exception>
    public WordDataset(long seed, int count, WordOptions? options = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        _seed = seed;
        _options = options ?? new WordOptions();
        _options.Check();
        Count = count;
    }

    /// <inheritdoc/>
    public int Count { get; }

    /// <inheritdoc/>
    public DatasetSample this[int index]
    {
        get
        {
            (WordPicture picture, string question) = At(index);
            string form = _options is { Lines: 1, Columns: 1 } ? "" : string.Create(CultureInfo.InvariantCulture, $"/{_options.Lines}x{_options.Columns}");
            form += _options.Strings == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"/strings-{_options.Strings}");
            string name = string.Create(CultureInfo.InvariantCulture, $"words/{_options.Split}/{_seed}{form}/{index}");
            DataMessage[] read = [DataMessage.User(MediaReference.Drawn(name, picture.Draw), question), DataMessage.Assistant(picture.Text)];
            bool spelled = _options.Questions > 1;
            return new DatasetSample
            {
                Id = name,
                Source = new SampleSource("generated:words", index),
                Messages = spelled ? [.. read, DataMessage.User(_options.Lines > 1 ? SpellLines : Spell), DataMessage.Assistant(Spelled(picture))] : read,
                TurnsApart = spelled,
            };
        }
    }

    /// <summary>A sample by its content.</summary>
    /// <param name="index">Its index.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such sample.</exception>
    public (WordPicture Picture, string Question) At(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
        var random = new GeneratorRandom(_seed, $"words/{_options.Split}", index);
        if (_options.Columns > 1)
        {
            string[] letters = [.. Enumerable.Range(0, _options.Lines * _options.Columns).Select(_ => Alphabet[random.Below(Alphabet.Length)].ToString())];
            return (Lay(random, letters), random.Pick(s_askFields));
        }

        (string text, string question) = Choose(random);
        string[] texts = [text, .. Enumerable.Range(1, _options.Lines - 1).Select(_ => Choose(random).Text)];
        return (Lay(random, texts), texts.Length > 1 ? random.Pick(s_askLines) : question);
    }

    private static ReadOnlySpan<char> Alphabet => StrokeFont.Letters.AsSpan(0, 62);

    private static string Spelled(WordPicture picture) => string.Join('\n', picture.Text.Split('\n').Select(line => string.Join(' ', line.AsEnumerable())));

    private (string Text, string Question) Choose(GeneratorRandom random)
    {
        if (_options.Strings > 0 && random.Below(100) < _options.Strings)
        {
            return (Cased(random, WordList.String(random)), random.Pick(s_ask));
        }

        double way = random.Unit();
        if (way < 0.1)
        {
            char letter = (char)((random.Coin() ? 'A' : 'a') + random.Below(26));
            return (letter.ToString(), random.Coin() ? "Which letter is shown?" : random.Pick(s_ask));
        }

        if (way < 0.35)
        {
            int length = random.Between(1, 5);
            string digits = "";
            for (int i = 0; i < length; i++)
            {
                digits += (char)('0' + random.Below(10));
            }

            return (digits, random.Coin() ? (length == 1 ? "Which digit is shown?" : "Which number is written?") : random.Pick(s_ask));
        }

        string word = way < 0.6 ? WordList.Made(random) : WordList.Common(random, _options.Split);
        return (Cased(random, word), random.Pick(s_ask));
    }

    private static string Cased(GeneratorRandom random, string word) => random.Below(4) switch
    {
        0 => word.ToUpperInvariant(),
        1 => char.ToUpperInvariant(word[0]) + word[1..],
        _ => word,
    };

    private WordPicture Lay(GeneratorRandom random, string[] texts)
    {
        int side = _options.Side;
        double[] steps = [.. texts.Select(text => Step(random, StrokeFont.Width(text.Length)))];
        (ImageColor from, ImageColor to, ImageColor paint) = Colors(random);
        return new WordPicture
        {
            Lines = [.. texts.Select((text, i) => Lay(random, text, steps[i], i))],
            Columns = _options.Columns,
            Side = side,
            Paint = paint,
            GroundFrom = from,
            GroundTo = to,
        };
    }

    // Each text has a strip across the picture. A slant and a turn take three steps more across than the text; a turn takes
    // two more down, of which several lines have only what is left to the next. Fields beside each other have four pixels between them at least.
    private double Step(GeneratorRandom random, double width)
    {
        int side = _options.Side, columns = _options.Columns;
        double room = columns == 1 ? side - 6 : ((double)side / columns) - 4;
        double most = Math.Min(_options.Lines == 1 ? side / 18.0 : side / (11.2 * _options.Lines), room / (width + 5));
        return random.Range(Math.Max(most * 0.6, Math.Min(most, 1.7)), most);
    }

    private WordLine Lay(GeneratorRandom random, string text, double step, int index)
    {
        bool alone = _options.Lines == 1;
        double side = _options.Side, strip = side / _options.Lines, field = side / _options.Columns, width = StrokeFont.Width(text.Length);
        (int line, int column) = Math.DivRem(index, _options.Columns);
        double roomX = Math.Max(0, ((field - ((width + 5) * step)) / 2) - 2), roomY = Math.Max(0, (strip / 2) - ((alone ? 6.5 : 5.3) * step));
        return new WordLine
        {
            Text = text,
            X = ((column + 0.5) * field) + random.Range(-roomX, roomX),
            Y = ((line + 0.5) * strip) + random.Range(-roomY, roomY),
            Step = step,
            Thickness = Math.Max(1.3, step * random.Range(0.55, 1.0)),
            // Long texts would leave the picture when they are turned far, and such of several lines their strip.
            Turn = random.Range(-0.14, 0.14) * Math.Min(1, (alone ? 24 : 5) / width),
            Slant = random.Range(-0.12, 0.25),
        };
    }

    private static (ImageColor From, ImageColor To, ImageColor Paint) Colors(GeneratorRandom random)
    {
        while (true)
        {
            ImageColor from = Any(random), paint = Any(random);
            ImageColor to = random.Coin() ? from : Any(random);
            if (Math.Min(Apart(from, paint), Apart(to, paint)) > 90 && (Light(from) > Light(paint)) == (Light(to) > Light(paint)))
            {
                return (from, to, paint);
            }
        }

        static ImageColor Any(GeneratorRandom random) =>
            new((byte)random.Below(256), (byte)random.Below(256), (byte)random.Below(256));

        static int Light(ImageColor color) => ((299 * color.Red) + (587 * color.Green) + (114 * color.Blue)) / 1000;

        static int Apart(ImageColor one, ImageColor other) => Math.Abs(Light(one) - Light(other));
    }
}
