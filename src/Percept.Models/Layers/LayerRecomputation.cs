namespace Percept.Models;

/// <summary>
/// Whether the layers of decoders and vision towers keep only what enters them while gradients are recorded, and run again in the
/// backward pass: memory for time (Chen et al., "Training deep nets with sublinear memory cost", 2016).
/// </summary>
/// <remarks>A setting of the calling thread. Gradients are the same to the last bit.</remarks>
public static class LayerRecomputation
{
    [ThreadStatic]
    private static bool s_isOn;

    /// <summary>Whether layers of this thread run again in the backward pass.</summary>
    public static bool IsOn => s_isOn;

    /// <summary>Turns it on or off for this thread until the result is disposed.</summary>
    /// <param name="on">Whether it is on.</param>
    public static Switch Set(bool on) => new(on);

    /// <summary>Puts the setting back when it is disposed.</summary>
    public readonly ref struct Switch
    {
        private readonly bool _before;

        internal Switch(bool on)
        {
            _before = s_isOn;
            s_isOn = on;
        }

        /// <summary>Puts the setting back to what it was.</summary>
        public void Dispose() => s_isOn = _before;
    }
}
