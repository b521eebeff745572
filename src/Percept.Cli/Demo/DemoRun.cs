using Percept.Inference;
using Percept.Media;

namespace Percept.Cli;

/// <summary>The demonstration: pictures, questions, answers, and what they took.</summary>
/// <param name="set">The questions.</param>
/// <param name="path">Where the model is.</param>
/// <param name="chat">The model, loaded.</param>
/// <param name="style">How pictures are shown.</param>
/// <param name="output">Where it is shown.</param>
/// <param name="boxes">The file that boxes are drawn into.</param>
internal sealed class DemoRun(DemoSet set, string path, MultimodalChat chat, PictureStyle style, TextWriter output, string boxes)
{
    private const int WidestPicture = 48;
    private const int AllPictures = 72;
    private const int SixelSide = 200;

    private readonly Screen _screen = new(output);

    /// <summary>The file that a box was drawn into; null where no answer held one.</summary>
    internal string? Drawn { get; private set; }

    /// <summary>Parameters of the model.</summary>
    internal long Parameters { get; } = chat.Model.Report.Taken.Sum(tensor => tensor.Shape.Count);

    /// <summary>Asks all questions and returns the answers.</summary>
    /// <param name="loading">The time that the model took to load.</param>
    /// <param name="cancellation">Ends it.</param>
    internal async Task<IReadOnlyList<DemoAnswer>> Go(TimeSpan loading, CancellationToken cancellation)
    {
        _screen.Heading($"{path}, {Millions()} M parameters; loaded in {loading.TotalMilliseconds:0} ms");
        var media = new MediaFileReader(
            chat.Processor.Kinds, 1, MediaLimits.Default, new CommandInput(TextReader.Null, true, () => Stream.Null));
        var answers = new List<DemoAnswer>();
        foreach (DemoQuestion question in set.Questions)
        {
            _screen.Line();
            Image[] pictures = [.. question.Pictures.Select(path => ImageDecoder.Decode(File.ReadAllBytes(path)))];
            Show(question, pictures);
            _screen.Heading($"  {question.Question}");
            output.Write("  → ");
            var conversation = new Conversation(chat, new AnswerOptions { Adjust = Evaluation.LocalAnswerer.Greedy }, media);
            AnswerReport report = await conversation.Ask(
                question.Question, question.Pictures, piece => RunCommand.Write(output, Screen.Printable(piece)), TimeSpan.Zero, cancellation)
                .ConfigureAwait(false);
            output.WriteLine();
            bool fits = Fits(question, report.Text, pictures[0]);
            answers.Add(new DemoAnswer(question, report, fits));
            _screen.Line($"  {(fits ? "right" : $"wrong, it is: {question.Known}")} · {Times(report)}");
            Draw(pictures[0], report.Text);
        }

        End(answers);
        return answers;
    }

    /// <summary>Whether an answer is right: the same words, or a box that overlaps the right one by half.</summary>
    internal static bool Fits(DemoQuestion question, string answer, Image picture)
    {
        string said = answer.Trim();
        if (said == question.Known)
        {
            return true;
        }

        IReadOnlyList<ImageBox> found = Data.BoxText.Parse(said, picture.Width, picture.Height);
        IReadOnlyList<ImageBox> known = Data.BoxText.Parse(question.Known, picture.Width, picture.Height);
        return found.Count == 1 && known.Count == 1 && found[0].IntersectionOverUnion(known[0]) >= 0.5;
    }

    private static string Times(AnswerReport report) => FormattableString.Invariant(
        $"picture {report.Usage.Encoding.TotalMilliseconds:0} ms, prompt {report.Usage.Prefill.TotalMilliseconds:0} ms, answer ")
        + FormattableString.Invariant($"{report.Usage.Decoding.TotalMilliseconds:0} ms ({report.Usage.GeneratedTokens} tokens)");

    private string Millions() => FormattableString.Invariant($"{Parameters / 1e6:0.0}");

    private void Show(DemoQuestion question, Image[] pictures)
    {
        switch (style)
        {
            case PictureStyle.Sixel:
                foreach (Image picture in pictures)
                {
                    output.WriteLine(SixelText.Of(picture.Resize(SixelSide, SixelSide * picture.Height / picture.Width, ResampleFilter.Bicubic)));
                }

                break;
            case PictureStyle.Blocks:
                foreach (string line in HalfBlocks.Lines(pictures, Math.Min(WidestPicture, AllPictures / pictures.Length)))
                {
                    output.WriteLine(line);
                }

                break;
            default:
                _screen.Line("  " + string.Join(", ", question.Pictures.Select(path => Path.GetFileName(path))));
                break;
        }
    }

    private void Draw(Image picture, string answer)
    {
        if (Drawn is null && BoxPicture.Draw(picture, answer) is { } drawn)
        {
            Checkpoints.AtomicFile.Write(boxes, stream => stream.Write(PngEncoder.Encode(drawn)));
            _screen.Line($"  the box is drawn into {boxes}");
            Drawn = boxes;
        }
    }

    private void End(List<DemoAnswer> answers)
    {
        _screen.Line();
        _screen.Line($"{answers.Count(answer => answer.IsRight)} of {answers.Count} answers are right.");
        _screen.Heading("What to try next");
        string picture = Path.GetRelativePath(Environment.CurrentDirectory, set.Questions[0].Pictures[0]);
        string model = Path.GetRelativePath(Environment.CurrentDirectory, path);
        _screen.Table(
        [
            [$"percept run {model} \"What shapes are there?\" {picture}", "ask it yourself"],
            [$"percept show {model}", "what it is made of"],
            [$"percept eval {model} --task exact --data \"generated:words?split=test&count=200\"", "measure how well it reads"],
            ["percept pull HuggingFaceTB/SmolVLM-256M-Instruct", "get a model that knows photographs"],
            ["percept train recipes/percept-tiny/reduced.yaml", "train such a model in three minutes"],
        ]);
        if (Drawn is not null)
        {
            _screen.Line($"Open {boxes} to see the box that it found.");
        }
    }
}
