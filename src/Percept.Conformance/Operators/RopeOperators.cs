using System.Text.Json;
using Percept.Tensors;

namespace Percept.Conformance;

/// <summary>Rotary position embedding.</summary>
internal static class RopeOperators
{
    internal static IEnumerable<(string Name, Action<OpRun> Op)> Table { get; } =
    [
        ("rope", static run => Rope(run)),
        ("mrope", MultiAxis),
        ("rope_vision", Vision),
    ];

    /// <summary>
    /// Either one input with positions in the settings, or queries and keys with <c>position_ids</c> [B, T].
    /// </summary>
    private static void Rope(OpRun run)
    {
        if (run.Optional("position_ids") is { } ids)
        {
            string style = run.Args.Choice("style", "half", "half", "interleaved", "interleaved_to_half");
            Tensor query = run.Input("q");
            int dimension = run.Args.Int("rotary_dim", query.Shape[-1]);
            (Tensor Cos, Tensor Sin) tables = Ops.RopeTables(ids, Frequencies(dimension, run.Args));
            GiveTurned(run, tables, style);
            return;
        }

        Tensor input = run.Input("input", "x");
        string kind = run.Args.Choice("kind", "rotate_half", "rotate_half", "interleaved", "mrope", "2d");
        int rotary = run.Args.Int("rotary_dim", input.Shape[-1]);
        int[] axes = kind switch
        {
            "mrope" => Sections(run.Args.Ints("sections")),
            "2d" => Sections([rotary / 4, rotary / 4]),
            _ => [],
        };

        // In two dimensions each axis has half the channels, and the same frequencies as the other.
        float[] frequencies = kind == "2d" ? Twice(Frequencies(rotary / 2, run.Args)) : Frequencies(rotary, run.Args);
        Tensor positions = Positions(run.Args.Need("positions"), axesInside: kind == "2d");
        (Tensor cos, Tensor sin) = Ops.RopeTables(positions, frequencies, axes);
        run.Give(Ops.Rope(input, cos, sin, kind == "interleaved" ? RopeLayout.Interleaved : RopeLayout.Halves));
    }

    private static void MultiAxis(OpRun run)
    {
        int[] sections = run.Args.Ints("mrope_section");
        int[] axes = run.Args.Flag("interleaved", false) ? InterleavedSections(sections) : Sections(sections);
        if (run.Args.IntsOrNone("axis_of_frequency") is { } given && !given.SequenceEqual(axes))
        {
            throw new InvalidDataException("'axis_of_frequency' does not follow from 'mrope_section'.");
        }

        float[] frequencies = Frequencies(2 * axes.Length, run.Args);
        GiveTurned(run, Ops.RopeTables(run.Input("position_ids"), frequencies, axes), "half");
    }

    /// <summary>Angles [T, D/2] are given; queries and keys are [T, H, D].</summary>
    private static void Vision(OpRun run)
    {
        Tensor angles = run.Input("angles");
        Tensor cos = Ops.Cos(angles);
        Tensor sin = Ops.Sin(angles);
        run.Give("q_out", Ops.Rope(run.Input("q"), cos, sin, headsFirst: false));
        run.Give("k_out", Ops.Rope(run.Input("k"), cos, sin, headsFirst: false));
    }

    private static void GiveTurned(OpRun run, (Tensor Cos, Tensor Sin) tables, string style)
    {
        run.Give("q_out", Turn(run.Input("q"), tables, style));
        run.Give("k_out", Turn(run.Input("k"), tables, style));
    }

    private static Tensor Turn(Tensor input, (Tensor Cos, Tensor Sin) tables, string style) => style switch
    {
        "interleaved" => Ops.Rope(input, tables.Cos, tables.Sin, RopeLayout.Interleaved),
        "interleaved_to_half" => Ops.Rope(input, tables.Cos, tables.Sin, RopeLayout.InterleavedToHalves),
        _ => Ops.Rope(input, tables.Cos, tables.Sin),
    };

    private static float[] Frequencies(int dimension, RunArgs args) =>
        new RopeFrequencies { RotaryDimension = dimension, Theta = args.Number("theta", 10000) }
            .Compute().InverseFrequencies;

    private static float[] Twice(float[] values) => [.. values, .. values];

    /// <summary>The axis of each frequency: the first section follows axis 0, the next axis 1, …</summary>
    private static int[] Sections(int[] sections) =>
        [.. sections.SelectMany(static (count, axis) => Enumerable.Repeat(axis, count))];

    /// <summary>
    /// All axis 0, then every third frequency axis 1, and every third axis 2, as far as their sections reach.
    /// </summary>
    private static int[] InterleavedSections(int[] sections)
    {
        var axes = new int[sections.Sum()];
        for (int axis = 1; axis < sections.Length; axis++)
        {
            for (int i = axis; i < Math.Min(axes.Length, sections.Length * sections[axis]); i += sections.Length)
            {
                axes[i] = axis;
            }
        }

        return axes;
    }

    /// <summary>
    /// Positions [T] or [B][T]; with several axes of position these come first, or last where
    /// <paramref name="axesInside"/>.
    /// </summary>
    private static Tensor Positions(JsonElement value, bool axesInside)
    {
        List<int> sizes = [];
        for (JsonElement level = value; level.ValueKind == JsonValueKind.Array; level = level[0])
        {
            sizes.Add(level.GetArrayLength());
            if (sizes[^1] == 0)
            {
                break;
            }
        }

        var numbers = new List<int>();
        Collect(value, sizes, 0, numbers);
        Tensor table = Tensor.From(numbers.ToArray(), Shape.Create([.. sizes]));
        return axesInside ? Ops.Permute(table, [sizes.Count - 1, .. Enumerable.Range(0, sizes.Count - 1)]) : table;
    }

    private static void Collect(JsonElement value, List<int> sizes, int depth, List<int> numbers)
    {
        if (depth == sizes.Count)
        {
            numbers.Add(RunArgs.AsInt("positions", value));
            return;
        }

        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() != sizes[depth])
        {
            throw new InvalidDataException("The rows of 'positions' differ in length.");
        }

        foreach (JsonElement item in value.EnumerateArray())
        {
            Collect(item, sizes, depth + 1, numbers);
        }
    }
}
