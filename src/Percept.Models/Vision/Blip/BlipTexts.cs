using Percept.Tensors;
using Percept.Tensors.Autograd;

namespace Percept.Models;

/// <summary>A batch of texts, each of which may look at a picture's states.</summary>
/// <remarks>Keys and values of a picture are made once, and freed at the end unless the tape needs them.</remarks>
internal sealed class BlipTexts : IDisposable
{
    private readonly Dictionary<int, CrossMemory> _memories = [];

    /// <summary>Packs texts one after the other.</summary>
    /// <param name="texts">The ids of each; at least one text, each with at least one token.</param>
    internal BlipTexts(IReadOnlyList<int[]> texts)
    {
        ArgumentNullException.ThrowIfNull(texts);
        ArgumentOutOfRangeException.ThrowIfZero(texts.Count, nameof(texts));
        foreach (int[] text in texts)
        {
            Batch.Add(text.Length > 0 ? text.Length : throw new ArgumentException("A text has no tokens. Give each at least one.", nameof(texts)));
        }

        int[] ids = [.. texts.SelectMany(text => text)];
        Ids = Tensor.From(ids, [ids.Length]);
    }

    /// <summary>All ids.</summary>
    internal Tensor Ids { get; }

    /// <summary>Which rows belong to which text.</summary>
    internal SequenceBatch Batch { get; } = new();

    /// <summary>Lets each text look at a picture.</summary>
    /// <param name="states">Float32 [B, T, D].</param>
    /// <param name="pictures">The picture of each text.</param>
    /// <param name="remember">Makes keys and values of states [T, D].</param>
    /// <exception cref="ArgumentException">There is not one picture for each text, or no such picture.</exception>
    internal void Show(Tensor states, IReadOnlyList<int> pictures, Func<Tensor, CrossMemory> remember)
    {
        int count = Dims.Match(states, "b t d")["b"];
        if (pictures.Count != Batch.Count)
        {
            throw new ArgumentException($"There are {pictures.Count} pictures for {Batch.Count} texts. Give one for each.", nameof(pictures));
        }

        for (int i = 0; i < pictures.Count; i++)
        {
            int picture = pictures[i];
            if (picture < 0 || picture >= count)
            {
                throw new ArgumentException($"Text {i} looks at picture {picture}, expected 0 to {count - 1}: there are states of {count}.", nameof(pictures));
            }

            if (!_memories.TryGetValue(picture, out CrossMemory? memory))
            {
                Tensor own = Ops.Narrow(states, 0, picture, 1);
                memory = remember(Ops.Reshape(own, [own.Shape[1], own.Shape[2]]));
                _memories.Add(picture, memory);
            }

            Batch.SetMemory(i, memory);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Gradients.Enabled)
        {
            return;
        }

        foreach (CrossMemory memory in _memories.Values)
        {
            memory.Dispose();
        }
    }
}
