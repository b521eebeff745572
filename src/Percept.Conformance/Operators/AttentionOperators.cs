using System.Text.Json;
using Percept.Tensors;

namespace Percept.Conformance;

/// <summary>Attention.</summary>
/// <remarks>
/// Masks come in two forms: <c>mask</c>, what each query sees, or <c>attention_mask</c> [B, Tk], which keys are no
/// padding, with the last query standing at the last key.
/// </remarks>
internal static class AttentionOperators
{
    internal static IEnumerable<(string Name, Action<OpRun> Op)> Table { get; } =
    [
        ("attention", Attention),
    ];

    private static void Attention(OpRun run)
    {
        RunArgs args = run.Args;
        Tensor query = run.Input("q");
        Tensor key = run.Input("k");
        Tensor? padding = run.Optional("attention_mask");
        int queries = query.Shape[2];
        int keys = key.Shape[2];
        bool alignEnd = padding is not null && !args.Has("offset");
        var options = new AttentionOptions
        {
            Scale = Scale(args, query.Shape[-1]),
            Causal = args.Flag("causal", false),
            Offset = args.Int("offset", alignEnd ? keys - queries : 0),
            Window = args.IntOrNone("window"),
            Prefix = args.Int("prefix", 0),
            SoftCap = (float?)args.NumberOrNone("softcap"),
        };
        (Tensor? querySegments, Tensor? keySegments) = Segments(args, queries, keys, options.Offset);
        var inputs = new AttentionInputs
        {
            Mask = run.Optional("mask"),
            Bias = run.Optional("bias"),
            Sinks = run.Optional("sinks"),
            QuerySegments = querySegments,
            KeySegments = keySegments,
        };
        if (padding is { } given)
        {
            (options, inputs) = AddPadding(options, inputs, given, queries, keys);
        }

        run.Give(Ops.Attention(query, key, run.Input("v"), options, inputs));
    }

    /// <summary>A number, or the text <c>head_dim**-0.5</c>.</summary>
    private static float? Scale(RunArgs args, int headDimension) => args.Find("scale") switch
    {
        null => null,
        { ValueKind: JsonValueKind.String } text when text.GetString() == "head_dim**-0.5" =>
            (float)(1 / Math.Sqrt(headDimension)),
        { } value => (float)RunArgs.AsNumber("scale", value),
    };

    /// <summary>
    /// The segment of each key, for all sequences or for each; queries stand behind <paramref name="offset"/> keys.
    /// </summary>
    private static (Tensor? Queries, Tensor? Keys) Segments(RunArgs args, int queries, int keys, int offset)
    {
        if (args.Find("segments") is not { } value)
        {
            return (null, null);
        }

        JsonElement[] items = [.. value.EnumerateArray()];
        int[][] rows = items.Length > 0 && items[0].ValueKind == JsonValueKind.Array
            ? [.. items.Select(Row)]
            : [Row(value)];
        if (rows.Any(row => row.Length != keys) || offset + queries > keys)
        {
            throw new InvalidDataException($"'segments' does not name a segment for each of {keys} keys.");
        }

        return (
            Tensor.From([.. rows.SelectMany(row => row.Skip(offset).Take(queries))], [rows.Length, queries]),
            Tensor.From([.. rows.SelectMany(static row => row)], [rows.Length, keys]));
    }

    private static int[] Row(JsonElement value) =>
        [.. value.EnumerateArray().Select(item => RunArgs.AsInt("segments", item))];

    /// <summary>
    /// Hides the padding. The reference hides by adding the lowest float, so that a query which sees nothing sees
    /// everything alike; where there is such a query, everything is hidden that way.
    /// </summary>
    private static (AttentionOptions Options, AttentionInputs Inputs) AddPadding(
        AttentionOptions options, AttentionInputs inputs, Tensor padding, int queries, int keys)
    {
        if (inputs.Mask is not null || inputs.Bias is not null || inputs.QuerySegments is not null
            || options.Prefix != 0)
        {
            throw new InvalidDataException(
                "'attention_mask' can't be combined with 'mask', 'bias', 'segments' or 'prefix'.");
        }

        int batch = padding.Shape[0];
        long[] real = Numbers.ReadIntegers(padding);
        var bias = new float[batch * queries * keys];
        bool allSee = true;
        for (int b = 0; b < batch; b++)
        {
            for (int i = 0; i < queries; i++)
            {
                Span<float> row = bias.AsSpan(((b * queries) + i) * keys, keys);
                int last = i + options.Offset;
                for (int j = 0; j < keys; j++)
                {
                    bool sees = real[(b * keys) + j] != 0
                        && (!options.Causal || j <= last)
                        && (options.Window is not { } window || j > last - window);
                    row[j] = sees ? 0 : float.MinValue;
                }

                allSee &= row.Contains(0f);
            }
        }

        return allSee
            ? (options, inputs with { Mask = Ops.Reshape(Ops.Cast(padding, DType.Bool), [batch, 1, keys]) })
            : (options with { Causal = false, Window = null, Offset = 0 },
                inputs with { Bias = Tensor.From(bias, [batch, 1, queries, keys]) });
    }
}
