using Percept.Media;

namespace Percept.Models;

/// <summary>The processor of one class of video processors, made for given settings.</summary>
/// <remarks>Holds settings only: any number of threads may call it at once.</remarks>
internal interface IVideoFamily
{
    /// <summary>What becomes of a clip: the size of its frames, patches and tokens.</summary>
    /// <exception cref="ArgumentException">Clips of this size or length are refused.</exception>
    VideoPlan Plan(int frames, int height, int width);

    /// <summary>Makes a model's inputs of clips whose frames are chosen.</summary>
    void Run(IReadOnlyList<IReadOnlyList<Image>> clips, ImageInputs inputs);
}
