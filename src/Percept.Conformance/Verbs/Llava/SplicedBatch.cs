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
        Run(context, language, packed, PaddedRows.Of(rows.Length, longest, present), labels, longest);
    }

    /// <summary>Runs the language model over packed rows, each with positions from 0.</summary>
    internal static void Run(
        RunContext context, ILanguageModel language, Tensor packed, PaddedRows rows, long[] labels, int length)
    {
        var batch = new SequenceBatch(language.PositionAxes);
        foreach (int count in rows.Counts)
        {
            batch.Add(count);
        }

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
    internal static Tensor Padded(Tensor packed, bool[] mask, Shape shape)
    {
        Tensor zeros = Ops.Zeros([mask.Length, packed.Shape[1]]);
        return Ops.Reshape(
            Ops.MaskedScatter(zeros, Tensor.From(mask, [mask.Length]), packed), [shape[0], shape[1], packed.Shape[1]]);
    }

    /// <summary>Mean cross entropy of what follows each place; labels that no present place comes before do not count.</summary>
    private static Tensor Loss(Tensor logits, PaddedRows rows, long[] labels, int length)
    {
        long[] targets =
        [
            .. rows.Places.Select(place => (place + 1) % length == 0 ? SplicedRow.Ignored : labels[place + 1]),
        ];
        return Ops.CrossEntropy(logits, Tensor.From(targets, [targets.Length]));
    }
}
