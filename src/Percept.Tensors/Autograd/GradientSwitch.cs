using Percept.Tensors.Memory;

namespace Percept.Tensors.Autograd;

/// <summary>Turns recording off or on for this thread until it is disposed; see <see cref="Gradients.Off"/>.</summary>
public readonly ref struct GradientSwitch
{
    private readonly ThreadTensors? _thread;
    private readonly bool _before;

    internal GradientSwitch(bool off)
    {
        _thread = ThreadTensors.Current;
        _before = _thread.GradientsOff;
        _thread.GradientsOff = off;
    }

    /// <summary>Puts recording back to what it was.</summary>
    public void Dispose()
    {
        if (_thread is { } thread)
        {
            thread.GradientsOff = _before;
        }
    }
}
