using Percept.Models;
using Percept.Tensors;

namespace Percept.Conformance;

/// <summary>A batch of ids whose rows get pictures put in, and what the language model makes of them.</summary>
internal sealed class SplicedBatch
{
    private readonly int[] _ids;
    private readonly bool[] _mask;
    private readonly long[] _labels;
    private readonly int _length;

    internal SplicedBatch(Tensor ids, Tensor? mask, Tensor? labels)
    {
        _ids = Numbers.ReadInts(ids);
        _length = ids.Shape[1];
        _mask = mask is { } kept
            ? [.. Numbers.ReadIntegers(kept).Select(static one => one != 0)]
            : [.. Enumerable.Repeat(true, _ids.Length)];
        _labels = labels is { } wanted ? Numbers.ReadIntegers(wanted) : [.. Enumerable.Repeat(SplicedRow.Ignored, _ids.Length)];
    }

    /// <summary>The ids and labels of a row that are no padding.</summary>
    internal (int[] Ids, long[] Labels) Kept(int row)
    {
        int[] places = [.. Enumerable.Range(row * _length, _length).Where(place => _mask[place])];
        return ([.. places.Select(place => _ids[place])], [.. places.Select(place => _labels[place])]);
    }

    /// <summary>All ids and labels of a row, and which of them are no padding.</summary>
    internal (int[] Ids, long[] Labels, bool[] Mask) Whole(int row)
    {
        Range range = (row * _length)..((row + 1) * _length);
        return (_ids[range], _labels[range], _mask[range]);
    }

    /// <summary>Fills rows up to one length, gives the inputs of the language model, runs it, and gives its answers.</summary>
    /// <param name="context">The run.</param>
    /// <param name="language">The language model.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="padsLeft">Whether they are filled up on the left.</param>
    internal void Give(RunContext context, ILanguageModel language, SplicedRow[] rows, bool padsLeft)
    {
        int longest = rows.Max(static row => row.Labels.Length);
        int[] starts = [.. rows.Select((row, i) => (i * longest) + (padsLeft ? longest - row.Labels.Length : 0))];
        var labels = new long[rows.Length * longest];
        var positions = new long[labels.Length];
        var mask = new bool[labels.Length];
        Array.Fill(labels, SplicedRow.Ignored);
        for (int row = 0; row < rows.Length; row++)
        {
            for (int i = 0; i < rows[row].Labels.Length; i++)
            {
                labels[starts[row] + i] = rows[row].Labels[i];
                positions[starts[row] + i] = i;
                mask[starts[row] + i] = true;
            }
        }

        Shape shape = [rows.Length, longest];
        Tensor present = Tensor.From(mask, shape);
        context.Give("position_ids", Tensor.From(positions, shape));
        context.Give("attention_mask", present);
        context.Give("labels", Tensor.From(labels, shape));
        Tensor packed = Ops.Concat(rows.Select(static row => row.Embeddings).ToArray(), 0);
        context.Give("inputs_embeds", Padded(packed, mask, shape));
        PaddedRows kept = PaddedRows.Of(rows.Length, longest, present);
        int[] counted = [.. rows.SelectMany(static row => Enumerable.Range(0, row.Labels.Length))];
        Run(context, language, packed, kept, counted, labels, longest);
    }

    /// <summary>
    /// As <see cref="Give"/> for rows that are filled up on the right and have masks of their own; positions count from each
    /// row's beginning, seen or not.
    /// </summary>
    internal static void GiveMasked(RunContext context, ILanguageModel language, SplicedRow[] rows, bool[][] masks)
    {
        int longest = rows.Max(static row => row.Labels.Length);
        Shape shape = [rows.Length, longest];
        bool[] filled = [.. rows.SelectMany(row => Enumerable.Range(0, longest).Select(i => i < row.Labels.Length))];
        bool[] seen = [.. masks.SelectMany(mask => Enumerable.Range(0, longest).Select(i => i < mask.Length && mask[i]))];
        long[] labels =
        [
            .. rows.SelectMany(row => Enumerable.Range(0, longest)
                .Select(i => i < row.Labels.Length ? row.Labels[i] : SplicedRow.Ignored)),
        ];
        Tensor embeddings = Padded(Ops.Concat(rows.Select(static row => row.Embeddings).ToArray(), 0), filled, shape);
        Tensor mask = Tensor.From(seen, shape);
        context.Give("inputs_embeds", embeddings);
        context.Give("attention_mask", mask);
        context.Give("labels", Tensor.From(labels, shape));
        PaddedRows kept = PaddedRows.Of(rows.Length, longest, mask);
        Run(context, language, kept.Pack(embeddings), kept, kept.Positions(null), labels, longest);
    }

    /// <summary>Runs the language model over packed rows.</summary>
    private static void Run(
        RunContext context, ILanguageModel language, Tensor packed, PaddedRows rows, int[] positions, long[] labels, int length)
    {
        SequenceBatch batch = rows.Batch(positions, language.PositionAxes);
        var trace = new KeptTrace();
        Tensor hidden = language.Forward(packed, batch, trace);
        trace.Give(context, rows);
        KeptLogits.Give(context, language, hidden, rows, length);
        if (context.Wants("loss"))
        {
            context.Give("loss", Loss(language.Logits(hidden), rows, labels, length));
        }
    }

    /// <summary>The rows at their places among zeros: [B, T, D].</summary>
    private static Tensor Padded(Tensor packed, bool[] mask, Shape shape)
    {
        Tensor zeros = Ops.Zeros([mask.Length, packed.Shape[1]]);
        return Ops.Reshape(
            Ops.MaskedScatter(zeros, Tensor.From(mask, [mask.Length]), packed), [shape[0], shape[1], packed.Shape[1]]);
    }

    /// <summary>Mean cross entropy of what follows each place; labels that no present place comes before do not count.</summary>
    internal static Tensor Loss(Tensor logits, PaddedRows rows, long[] labels, int length)
    {
        long[] targets =
        [
            .. rows.Places.Select(place => (place + 1) % length == 0 ? SplicedRow.Ignored : labels[place + 1]),
        ];
        return Ops.CrossEntropy(logits, Tensor.From(targets, [targets.Length]));
    }
}
