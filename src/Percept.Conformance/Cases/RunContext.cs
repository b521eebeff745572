using System.Globalization;
using System.Text;
using System.Text.Json;
using Percept.Models;
using Percept.Tensors;

namespace Percept.Conformance;

/// <summary>What a verb works with: inputs, settings, and where its answers go.</summary>
internal sealed class RunContext
{
    private readonly CaseTensors _tensors;
    private readonly HashSet<string> _unreadInputs;
    private readonly Dictionary<string, Tensor> _given = new(StringComparer.Ordinal);
    private readonly Dictionary<string, IReadOnlyList<int>> _places = new(StringComparer.Ordinal);
    private readonly List<OutputResult> _judged = [];

    internal RunContext(GoldenRun run, CaseTensors tensors)
    {
        Run = run;
        Args = new RunArgs(run.Args);
        _tensors = tensors;
        _unreadInputs = [.. run.Inputs];
    }

    internal GoldenRun Run { get; }

    internal RunArgs Args { get; }

    /// <summary>How the inputs of one of several batches are named: <c>{0}</c> is the name that they have alone.</summary>
    internal string InputPattern { get; set; } = "{0}";

    /// <summary>The answers by the output's name.</summary>
    internal IReadOnlyDictionary<string, Tensor> Given => _given;

    /// <summary>What a verb with a rule of its own has judged; null when outputs are to be compared.</summary>
    internal IReadOnlyList<OutputResult>? Judged => _judged.Count == 0 ? null : _judged;

    /// <summary>Whether the run wants an output of this name.</summary>
    internal bool Wants(string output) => Run.Outputs.Any(pair => pair.Key == output);

    /// <summary>Whether the run has an input of this name.</summary>
    internal bool Has(string input) => Run.Inputs.Contains(Named(input));

    /// <summary>An input, as stored; null when the run has none of this name. Marks it as read.</summary>
    internal Tensor? Find(string input)
    {
        if (!Has(input))
        {
            return null;
        }

        input = Named(input);
        _unreadInputs.Remove(input);
        return _tensors.Find("inputs.safetensors", $"{Run.Name}/{input}")
            ?? throw new InvalidDataException($"'inputs.safetensors' has no tensor '{Run.Name}/{input}'.");
    }

    /// <summary>An input, as stored. Marks it as read.</summary>
    internal Tensor Need(string input) =>
        Find(input) ?? throw new InvalidDataException($"The input '{input}' is missing.");

    /// <summary>The wanted output of a name; null when the case does not have it.</summary>
    internal Tensor? Want(string output) => _tensors.Find("outputs.safetensors", $"{Run.Name}/{output}");

    /// <summary>A tensor of another file of the case.</summary>
    internal Tensor FromFile(string file, string key)
    {
        // A case describes itself; it must not reach for files elsewhere on the disk.
        if (Path.IsPathRooted(file) || file.Contains("..", StringComparison.Ordinal))
        {
            throw new InvalidDataException($"The file '{file}' does not lie in the case's folder.");
        }

        return _tensors.Find(file, key) ?? throw new InvalidDataException($"'{file}' has no tensor '{key}'.");
    }

    /// <summary>Gives an answer.</summary>
    internal void Give(string output, Tensor answer) => _given[output] = answer;

    /// <summary>
    /// Gives an answer that has rows for some places only: the others are not compared (padding).
    /// </summary>
    /// <param name="output">The output, wanted as [B, T, ...], or as [B·T, ...] where it has as many axes as the answer.</param>
    /// <param name="answer">[N, ...]: the rows of those places.</param>
    /// <param name="places">For each row its place in the B·T rows that are wanted.</param>
    internal void GiveRows(string output, Tensor answer, IReadOnlyList<int> places)
    {
        _given[output] = answer;
        _places[output] = places;
    }

    /// <summary>What an answer is compared with: the wanted output, or the rows of it that the answer has.</summary>
    internal Tensor? WantToCompare(string output)
    {
        Tensor? want = Want(output);
        if (want is not { } wanted || !_places.TryGetValue(output, out IReadOnlyList<int>? places))
        {
            return want;
        }

        if (wanted.Rank < 2)
        {
            throw new InvalidDataException($"The output '{output}' has shape {wanted.Shape}, expected [B, T, ...].");
        }

        Shape flat = wanted.Rank == _given[output].Rank
            ? wanted.Shape
            : wanted.Shape.Without(0).With(0, checked((int)wanted.Shape.CountBefore(2)));
        return Ops.IndexSelect(Ops.Cast(wanted.View(flat), DType.F32), Tensor.From(places.ToArray(), [places.Count]), 0);
    }

    /// <summary>The checkpoint's folder, or a file in the case's folder that the run names instead (<c>file</c>).</summary>
    internal string CheckpointPath() => PathOf(Args.Find("file") is { } file ? RunArgs.AsText("file", file) : _tensors.Checkpoint);

    /// <summary>The model of the run's checkpoint, in exact float32 arithmetic; loaded once for a case.</summary>
    internal LoadedModel Model()
    {
        string path = CheckpointPath();
        if (Args.Find("adapter") is not { } named)
        {
            return _tensors.Shared($"model {path}", () => ModelLoader.Load(path));
        }

        string adapter = PathOf(RunArgs.AsText("adapter", named));
        return _tensors.Shared(
            $"model {path} with {adapter}",
            () => ModelLoader.Load(path, new ModelLoadOptions { Adapters = new AdapterSet(Adapter.Open(adapter)) }));
    }

    /// <summary>Something that several runs of the case use, made when first asked for.</summary>
    internal T Shared<T>(string key, Func<T> make)
        where T : class => _tensors.Shared(key, make);

    /// <summary>Judges an output by the verb's own rule: the measured figure against a limit.</summary>
    internal void Judge(string output, double measured, double limit)
    {
        // Written so that NaN does not pass.
        bool matches = measured <= limit;
        _judged.Add(new OutputResult(
            output, matches, measured, limit, matches ? null : Invariant($"is {measured:g6}, allowed {limit:g6}")));
    }

    /// <summary>Judges an output that is no tensor: null when it is as wanted, else what is wrong in one sentence.</summary>
    internal void Judge(string output, string? problem) =>
        _judged.Add(new OutputResult(output, problem is null, null, null, problem));

    /// <summary>
    /// Judges many small answers as one output: the number of wrong ones against zero, with the first problem told.
    /// </summary>
    /// <param name="output">The output's name.</param>
    /// <param name="problems">For each answer null, or what is wrong with it. None at all is an error.</param>
    internal void JudgeAll(string output, IEnumerable<string?> problems)
    {
        int count = 0;
        int wrong = 0;
        string? first = null;
        foreach (string? problem in problems)
        {
            if (problem is not null)
            {
                first ??= $"answer {count + 1}: {problem}";
                wrong++;
            }

            count++;
        }

        string? told = count == 0 ? "there are no answers to compare"
            : wrong == 0 ? null
            : $"{wrong} of {count} answers are wrong; {first}";
        _judged.Add(new OutputResult(output, told is null, wrong, 0, told));
    }

    /// <summary>
    /// The full path of a file or folder that a case names: relative to the case's folder; with <c>shared/</c> in front,
    /// relative to the folder that holds the pack's <c>shared</c> folder.
    /// </summary>
    /// <exception cref="InvalidDataException">The path is rooted, leaves the pack, or names nothing.</exception>
    internal string PathOf(string relative) => CasePaths.Resolve(_tensors.Folder, relative);

    /// <summary>The bytes of a file that a case names (see <see cref="PathOf"/>).</summary>
    internal byte[] Bytes(string relative) => File.ReadAllBytes(PathOf(relative));

    /// <summary>The lines of a JSON-lines file that a case names (see <see cref="PathOf"/>).</summary>
    internal IReadOnlyList<JsonElement> JsonLines(string relative)
    {
        string text = File.ReadAllText(PathOf(relative), Encoding.UTF8);
        return
        [
            .. text.Split('\n').Where(line => line.Length > 0).Select(line =>
            {
                using JsonDocument document = JsonDocument.Parse(line);
                return document.RootElement.Clone();
            }),
        ];
    }

    /// <summary>Fails the run unless a condition holds.</summary>
    internal void Require(bool holds, string problem)
    {
        if (!holds)
        {
            throw new InvalidDataException(problem);
        }
    }

    /// <summary>Fails when the run has settings or inputs that the verb never looked at.</summary>
    internal void RequireAllUnderstood()
    {
        if (Args.Unread.Count > 0)
        {
            throw new InvalidDataException($"The argument '{Args.Unread.First()}' is not understood.");
        }

        if (_unreadInputs.Count > 0)
        {
            throw new InvalidDataException($"The input '{_unreadInputs.First()}' is not understood.");
        }
    }

    private string Named(string input) => string.Format(CultureInfo.InvariantCulture, InputPattern, input);

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
