using Percept.Tensors;

namespace Percept.Models.Tests.Vision;

/// <summary>CLIP's ResNet in plain loops and doubles, and random checkpoints of it.</summary>
internal static class ClipResNetTwin
{
    /// <summary>Channels of the space shared with texts.</summary>
    internal const int Shared = 6;

    private const int Text = 64;

    private static readonly string[] s_normParts = ["weight", "bias", "running_mean", "running_var"];
    private static readonly string[] s_textNorms = ["transformer.resblocks.0.ln_1", "transformer.resblocks.0.ln_2", "ln_final"];

    /// <summary>A picture's maps: [channels][row, column].</summary>
    private delegate double[][,] Step(double[][,] map);

    /// <summary>A whole checkpoint: this vision tower, and a text tower of one layer.</summary>
    internal static Dictionary<string, Tensor> Random(int width, int side, int[] depths)
    {
        var random = new RandomStream(31);
        var tensors = new Dictionary<string, Tensor>();
        Conv("conv1", "bn1", width / 2, 3, 3);
        Conv("conv2", "bn2", width / 2, width / 2, 3);
        Conv("conv3", "bn3", width, width / 2, 3);
        int inputs = width;
        for (int stage = 0; stage < 4; stage++)
        {
            int inner = width << stage;
            for (int i = 0; i < depths[stage]; i++)
            {
                string block = $"layer{stage + 1}.{i}.";
                Conv($"{block}conv1", $"{block}bn1", inner, inputs, 1);
                Conv($"{block}conv2", $"{block}bn2", inner, inner, 3);
                Conv($"{block}conv3", $"{block}bn3", 4 * inner, inner, 1);
                if (i == 0)
                {
                    Conv($"{block}downsample.0", $"{block}downsample.1", 4 * inner, inputs, 1);
                }

                inputs = 4 * inner;
            }
        }

        Add("visual.attnpool.positional_embedding", 0.5f, 0, (side * side) + 1, inputs);
        foreach (char part in "qkvc")
        {
            int outputs = part == 'c' ? Shared : inputs;
            Add($"visual.attnpool.{part}_proj.weight", 2f / MathF.Sqrt(inputs), 0, outputs, inputs);
            Add($"visual.attnpool.{part}_proj.bias", 0.3f, 0, outputs);
        }

        AddText();
        return tensors;

        void Add(string name, float scale, float shift, params int[] shape) =>
            tensors[name] = Ops.Affine(Ops.RandomNormal(Shape.Create(shape), random), scale, shift);

        void Conv(string conv, string norm, int outputs, int from, int kernel)
        {
            Add($"visual.{conv}.weight", 1.4f / MathF.Sqrt(from * kernel * kernel), 0, outputs, from, kernel, kernel);
            Add($"visual.{norm}.weight", 0.2f, 1, outputs);
            Add($"visual.{norm}.bias", 0.3f, 0, outputs);
            Add($"visual.{norm}.running_mean", 0.3f, 0, outputs);
            tensors[$"visual.{norm}.running_var"] = Ops.RandomUniform([outputs], random, 0.4f, 1.8f);
            tensors[$"visual.{norm}.num_batches_tracked"] = Tensor.From([7L], [1]);
        }

        void AddText()
        {
            Add("token_embedding.weight", 1, 0, 9, Text);
            Add("positional_embedding", 1, 0, 5, Text);
            Add("text_projection", 1, 0, Text, Shared);
            Add("logit_scale", 1, 0);
            foreach (string name in s_textNorms)
            {
                Add($"{name}.weight", 1, 0, Text);
                Add($"{name}.bias", 1, 0, Text);
            }

            (string Name, int Rows, int Columns)[] layers =
            [
                ("attn.in_proj_", 3 * Text, Text), ("attn.out_proj.", Text, Text), ("mlp.c_fc.", 4 * Text, Text),
                ("mlp.c_proj.", Text, 4 * Text),
            ];
            foreach ((string name, int rows, int columns) in layers)
            {
                Add($"transformer.resblocks.0.{name}weight", 0.1f, 0, rows, columns);
                Add($"transformer.resblocks.0.{name}bias", 0.1f, 0, rows);
            }
        }
    }

    /// <summary>The features of a picture.</summary>
    internal static double[] Features(Dictionary<string, Tensor> tensors, int width, int[] depths, Tensor pixels)
    {
        double[][,] map = Picture(pixels);
        map = Relu(ConvNorm("conv1", "bn1", 2)(map));
        map = Relu(ConvNorm("conv2", "bn2")(map));
        map = Halve(Relu(ConvNorm("conv3", "bn3")(map)));
        for (int stage = 0; stage < 4; stage++)
        {
            for (int i = 0; i < depths[stage]; i++)
            {
                string block = $"layer{stage + 1}.{i}.";
                bool halves = stage > 0 && i == 0;
                double[][,] inner = Relu(ConvNorm($"{block}conv2", $"{block}bn2")(
                    Relu(ConvNorm($"{block}conv1", $"{block}bn1")(map))));
                inner = ConvNorm($"{block}conv3", $"{block}bn3")(halves ? Halve(inner) : inner);
                double[][,] beside = i > 0 ? map
                    : ConvNorm($"{block}downsample.0", $"{block}downsample.1")(halves ? Halve(map) : map);
                map = Relu(Fill(inner.Length, inner[0].GetLength(0), (c, y, x) => inner[c][y, x] + beside[c][y, x]));
            }
        }

        return Pool(tensors, map, width / 2);

        Step ConvNorm(string conv, string norm, int stride = 1) => input => Convolve(
            input, tensors[$"visual.{conv}.weight"], stride,
            [.. s_normParts.Select(part => tensors[$"visual.{norm}.{part}"].ToArray<float>())]);
    }

    private static double[] Pool(Dictionary<string, Tensor> tensors, double[][,] map, int heads)
    {
        int channels = map.Length, side = map[0].GetLength(0), places = side * side, size = channels / heads;
        float[] positions = tensors["visual.attnpool.positional_embedding"].ToArray<float>();
        var tokens = new double[places + 1][];
        for (int t = 0; t <= places; t++)
        {
            tokens[t] = new double[channels];
            for (int c = 0; c < channels; c++)
            {
                double value = t > 0 ? map[c][(t - 1) / side, (t - 1) % side] : map[c].Cast<double>().Average();
                tokens[t][c] = value + positions[(t * channels) + c];
            }
        }

        double[] query = Linear("q", tokens[0]), mixed = new double[channels];
        double[][] keys = [.. tokens.Select(token => Linear("k", token))], values = [.. tokens.Select(token => Linear("v", token))];
        for (int head = 0; head < heads; head++)
        {
            int[] own = [.. Enumerable.Range(head * size, size)];
            double[] weights = [.. keys.Select(key => Math.Exp(own.Sum(c => query[c] * key[c]) / Math.Sqrt(size)))];
            foreach (int c in own)
            {
                mixed[c] = weights.Select((weight, t) => weight * values[t][c]).Sum() / weights.Sum();
            }
        }

        return Linear("c", mixed);

        double[] Linear(string name, double[] input)
        {
            float[] weight = tensors[$"visual.attnpool.{name}_proj.weight"].ToArray<float>();
            float[] bias = tensors[$"visual.attnpool.{name}_proj.bias"].ToArray<float>();
            return [.. bias.Select((value, row) => value + input.Select((x, c) => x * weight[(row * input.Length) + c]).Sum())];
        }
    }

    private static double[][,] Picture(Tensor pixels)
    {
        int side = pixels.Shape[3];
        float[] values = pixels.ToArray<float>();
        return Fill(pixels.Shape[1], side, (c, y, x) => values[(((c * side) + y) * side) + x]);
    }

    private static double[][,] Convolve(double[][,] input, Tensor weight, int stride, float[][] norm)
    {
        int kernel = weight.Shape[3], edge = kernel / 2, side = input[0].GetLength(0);
        float[] values = weight.ToArray<float>();
        return Fill(weight.Shape[0], (side + stride - 1) / stride, (o, y, x) =>
        {
            double sum = 0;
            for (int at = 0; at < input.Length * kernel * kernel; at++)
            {
                int c = at / (kernel * kernel), row = (y * stride) + (at / kernel % kernel) - edge;
                int column = (x * stride) + (at % kernel) - edge;
                if (row >= 0 && row < side && column >= 0 && column < side)
                {
                    sum += values[(o * input.Length * kernel * kernel) + at] * input[c][row, column];
                }
            }

            return ((sum - norm[2][o]) / Math.Sqrt(norm[3][o] + 1e-5) * norm[0][o]) + norm[1][o];
        });
    }

    private static double[][,] Relu(double[][,] map) =>
        Fill(map.Length, map[0].GetLength(0), (c, y, x) => Math.Max(0, map[c][y, x]));

    private static double[][,] Halve(double[][,] map) => Fill(map.Length, map[0].GetLength(0) / 2, (c, y, x) =>
        (map[c][2 * y, 2 * x] + map[c][2 * y, (2 * x) + 1] + map[c][(2 * y) + 1, 2 * x] + map[c][(2 * y) + 1, (2 * x) + 1]) / 4);

    private static double[][,] Fill(int channels, int side, Func<int, int, int, double> value)
    {
        var map = new double[channels][,];
        for (int c = 0; c < channels; c++)
        {
            map[c] = new double[side, side];
            for (int i = 0; i < side * side; i++)
            {
                map[c][i / side, i % side] = value(c, i / side, i % side);
            }
        }

        return map;
    }
}
