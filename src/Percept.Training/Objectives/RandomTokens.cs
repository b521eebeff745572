using Percept.Models;
using Percept.Tensors;
using Percept.Tensors.Autograd;

namespace Percept.Training;

/// <summary>
/// Visual tokens without a tokenizer that must be trained first: a random projection, and the nearest of random codes (Chiu et al. 2022).
/// </summary>
/// <remarks>
/// Of a patch's pixels, each with mean 0 and variance 1 over the patch, or of what a teacher's tower makes of the patch. Neither projection nor codes
/// are ever changed; they follow from the seed. Near patches have the same token, so that guessing it takes knowing what the picture shows.
/// </remarks>
internal sealed class RandomTokens : IDisposable
{
    private const int Width = 16;
    private const string ProjectionStream = "projection", CodeStream = "codes";

    private readonly int _patch;
    private readonly IVisionTower? _teacher;
    private readonly Tensor _projection;
    private readonly Tensor _codes;

    /// <summary>Draws projection and codes.</summary>
    /// <param name="count">How many tokens there are.</param>
    /// <param name="channels">Channels of a picture.</param>
    /// <param name="patch">Pixels a side of a patch.</param>
    /// <param name="teacher">Whose features are made tokens of; null for pixels.</param>
    /// <param name="seed">Where the random numbers begin.</param>
    internal RandomTokens(int count, int channels, int patch, IVisionTower? teacher, ulong seed)
    {
        _patch = patch;
        _teacher = teacher;
        var random = new RandomStream(seed);
        int inputs = teacher?.HiddenSize ?? channels * patch * patch;
        _projection = Ops.RandomNormal([Width, inputs], random.Split(ProjectionStream)).KeepAlways();
        Tensor codes = Ops.RandomNormal([count, Width], random.Split(CodeStream));
        _codes = Ops.Divide(codes, Ops.Sqrt(Ops.Sum(Ops.Square(codes), 1, keepAxis: true))).KeepAlways();
    }

    /// <summary>The tokens of pictures: I64 [B·N].</summary>
    /// <param name="pixels">Float32 [B, C, H, W].</param>
    internal Tensor Of(Tensor pixels)
    {
        using GradientSwitch off = Gradients.Off();
        Tensor features = MaskedPatchLoss.Normalised(_teacher is null ? Ops.Patchify(pixels, _patch, PatchOrder.RowColumnChannel) : Seen(pixels));
        Tensor rows = Ops.Reshape(features, [(int)(features.Count / features.Shape[-1]), features.Shape[-1]]);
        return Ops.ArgMax(Ops.Linear(Ops.Linear(rows, _projection), _codes), 1);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _projection.Dispose();
        _codes.Dispose();
    }

    /// <summary>What the teacher makes of each patch: its last state, in its own patches' order.</summary>
    private Tensor Seen(Tensor pixels)
    {
        Tensor[] states = [default];
        _teacher!.States(pixels, [_teacher.LayerCount], states);
        return _teacher.PrefixTokens == 0 ? states[0] : Ops.Slice(states[0], 1, _teacher.PrefixTokens);
    }
}
