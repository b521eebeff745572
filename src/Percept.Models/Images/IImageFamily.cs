namespace Percept.Models;

/// <summary>The processor of one class of image processors, made for given settings.</summary>
/// <remarks>Holds settings only: any number of threads may call it at once.</remarks>
internal interface IImageFamily
{
    /// <summary>What becomes of a picture of a size; the pixel path goes by the same plan.</summary>
    /// <exception cref="ArgumentException">Pictures of this size are refused.</exception>
    ImagePlan Plan(int height, int width);

    /// <summary>Makes a model's inputs of pictures.</summary>
    void Run(ImageBatch batch, ImageInputs inputs);
}
