using System.Globalization;
using System.Text.Json;
using Percept.Tensors;

namespace Percept.Conformance;

/// <summary>Joining, cutting, repeating and turning.</summary>
internal static class ShapeOperators
{
    internal static IEnumerable<(string Name, Action<OpRun> Op)> Table { get; } =
    [
        ("concat", static run => run.Give(Ops.Concat(AllInputs(run), run.Args.Int("dim", 0)))),
        ("stack", static run => run.Give(Ops.Stack(AllInputs(run), run.Args.Int("dim", 0)))),
        ("split", Split),
        ("chunk", static run =>
            GiveParts(run, Ops.Chunk(run.Input("input", "x"), run.Args.Int("chunks"), run.Args.Int("dim", 0)))),
        ("slice", Slice),
        ("permute", static run => run.Give(Ops.Permute(run.Input("input", "x"), run.Args.Ints("dims")))),
        ("reshape_transpose", ReshapeTranspose),
        ("expand", static run => run.Give(Ops.Expand(run.Input("input", "x"), run.Args.Ints("size")))),
        ("repeat", static run => run.Give(Ops.Repeat(run.Input("input", "x"), run.Args.Ints("repeats")))),
        ("repeat_interleave", RepeatInterleave),
        ("repeat_kv", static run => run.Give(Ops.RepeatInterleave(run.Input("x", "input"), run.Args.Int("n_rep"), 1))),
        ("flip", static run => run.Give(Ops.Flip(run.Input("input", "x"), run.Args.Ints("dims")))),
        ("roll", Roll),
        ("tril", static run => run.Give(Ops.Tril(run.Input("input", "x"), run.Args.Int("diagonal", 0)))),
        ("triu", static run => run.Give(Ops.Triu(run.Input("input", "x"), run.Args.Int("diagonal", 0)))),
        ("pad", Pad),
    ];

    internal static PadMode ReadPadMode(RunArgs args) =>
        args.Choice("mode", "constant", "constant", "reflect", "replicate", "circular") switch
        {
            "reflect" => PadMode.Reflect,
            "replicate" => PadMode.Replicate,
            "circular" => PadMode.Circular,
            _ => PadMode.Constant,
        };

    private static Tensor[] AllInputs(OpRun run) => [.. run.InputNames().Select(name => run.Input(name))];

    private static void GiveParts(OpRun run, Tensor[] parts)
    {
        for (int i = 0; i < parts.Length; i++)
        {
            run.Give(string.Create(CultureInfo.InvariantCulture, $"part{i}"), parts[i]);
        }
    }

    private static void Split(OpRun run)
    {
        Tensor input = run.Input("input", "x");
        int axis = run.Args.Int("dim", 0);
        JsonElement sizes = run.Args.Need(run.Args.Name("sizes", "split_size", "split_size_or_sections"));
        if (sizes.ValueKind == JsonValueKind.Array)
        {
            GiveParts(
                run, Ops.Split(input, [.. sizes.EnumerateArray().Select(size => RunArgs.AsInt("sizes", size))], axis));
            return;
        }

        int step = RunArgs.AsInt("split_size", sizes);
        int length = input.Shape[axis];
        int parts = Math.Max(1, (length + step - 1) / step);
        int[] equal = [.. Enumerable.Range(0, parts).Select(i => Math.Min(step, length - (i * step)))];
        GiveParts(run, Ops.Split(input, equal, axis));
    }

    /// <summary>
    /// One item for each axis from the first: <c>start:end:step</c>, a number (drops the axis) or <c>...</c>.
    /// </summary>
    private static void Slice(OpRun run)
    {
        Tensor result = run.Input("input", "x");
        string[] items = [.. run.Args.Need("slices").EnumerateArray().Select(static item => item.ToString())];
        int axis = 0;
        for (int i = 0; i < items.Length; i++)
        {
            string item = items[i];
            if (item == "...")
            {
                axis = result.Rank - (items.Length - 1 - i);
            }
            else if (item.Contains(':'))
            {
                int?[] bounds = [.. item.Split(':').Select(Bound)];
                int step = bounds.Length > 2 ? bounds[2] ?? 1 : 1;
                result = Ops.Slice(result, axis, bounds[0] ?? 0, bounds[1] ?? int.MaxValue, step);
                axis++;
            }
            else
            {
                int at = Bound(item) ?? throw new InvalidDataException("A slice is empty.");
                int from = at < 0 ? at + result.Shape[axis] : at;
                Tensor one = Ops.Narrow(result, axis, from, 1);
                result = Ops.Reshape(one, one.Shape.Without(axis));
            }
        }

        run.Give(result);
    }

    private static int? Bound(string text) =>
        text.Length == 0 ? null
        : int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number) ? number
        : throw new InvalidDataException($"The slice bound '{text}' is no whole number.");

    private static void ReshapeTranspose(OpRun run)
    {
        Tensor input = run.Input("input", "x");
        Shape shape = input.Shape;
        run.Give(Ops.Reshape(Ops.Permute(input, 0, 2, 1), [shape[0], shape[2] * shape[1]]));
    }

    private static void RepeatInterleave(OpRun run)
    {
        Tensor input = run.Input("input", "x");
        int[] repeats = run.Args.Ints("repeats");
        int? axis = run.Args.IntOrNone("dim");
        run.Args.Only("output_size");
        if (axis is null)
        {
            input = Ops.Reshape(input, [checked((int)input.Count)]);
        }

        run.Give(repeats.Length == 1
            ? Ops.RepeatInterleave(input, repeats[0], axis ?? 0)
            : Ops.RepeatInterleave(input, repeats, axis ?? 0));
    }

    private static void Roll(OpRun run)
    {
        Tensor input = run.Input("input", "x");
        int[] shifts = run.Args.Ints("shifts");
        if (run.Args.IntsOrNone("dims") is { Length: > 0 } axes)
        {
            run.Give(Ops.Roll(input, shifts, axes));
            return;
        }

        // Without axes the elements are rolled as one row.
        Tensor row = Ops.Reshape(input, [checked((int)input.Count)]);
        run.Give(Ops.Reshape(Ops.Roll(row, shifts, [0]), input.Shape));
    }

    private static void Pad(OpRun run) => run.Give(Ops.Pad(
        run.Input("input", "x"), run.Args.Ints("pad"), ReadPadMode(run.Args), (float)run.Args.Number("value", 0)));
}
