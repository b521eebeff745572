using Percept.Tensors;

namespace Percept.Checkpoints;

/// <summary>A tensor of a file that is being written; it is made when its turn comes, so that one is in memory at a
/// time.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its element type.</param>
/// <param name="Shape">Its shape, outermost axis first.</param>
/// <param name="Make">Makes the tensor, of that type and shape; the writer disposes it.</param>
public sealed record TensorToWrite(string Name, DType Type, Shape Shape, Func<Tensor> Make)
{
    /// <summary>Writes the elements piece by piece instead of making the tensor; null for making it.</summary>
    internal Action<Stream>? Pieces { get; init; }

    /// <summary>How many bytes its elements take.</summary>
    public long Bytes => Type.ByteCount(Shape.Count);

    /// <summary>A tensor that is there already; it stays the caller's.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="tensor">The tensor.</param>
    public static TensorToWrite Of(string name, Tensor tensor) =>
        new(name, tensor.DType, tensor.Shape, () => tensor.View(tensor.Shape));

    /// <summary>Makes the tensor and writes its elements.</summary>
    /// <exception cref="InvalidOperationException">It is not what was announced.</exception>
    internal void WriteTo(Stream stream)
    {
        if (Pieces is not null)
        {
            long start = stream.Position;
            Pieces(stream);
            if (stream.Position - start != Bytes)
            {
                throw new InvalidOperationException(
                    $"Tensor '{Name}' was announced with {Bytes} bytes, but {stream.Position - start} were written.");
            }

            return;
        }

        using Tensor tensor = Make();
        if (tensor.DType != Type || tensor.Shape != Shape)
        {
            throw new InvalidOperationException(
                $"Tensor '{Name}' was announced as {Type}{Shape}, but {tensor} was made to write.");
        }

        TensorBytes.Write(stream, tensor);
    }
}
