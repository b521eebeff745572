using Percept.Models;
using Percept.Tensors.Autograd;

namespace Percept.Training;

/// <summary>
/// The model as it was before training: the one without its adapter where only an adapter is trained; else a second, frozen copy whose
/// weights are read where they lie in the file.
/// </summary>
internal sealed class ReferenceModel
{
    private readonly TrainedModel _model;
    private readonly PackedTokens _own;
    private readonly PackedTokens? _frozen;

    /// <summary>Finds it.</summary>
    /// <param name="model">The model that is trained.</param>
    /// <param name="own">What runs conversations through it.</param>
    /// <param name="origin">The folder of the model as it was.</param>
    internal ReferenceModel(TrainedModel model, PackedTokens own, string origin)
    {
        _model = model;
        _own = own;
        if (model.Adapters is null || model.Loaded.Report.Trained.Count > 0)
        {
            _frozen = new PackedTokens(TrainedModel.LoadFrozen(origin));
        }
    }

    /// <summary>Asks it something; nothing is recorded.</summary>
    internal T Ask<T>(Func<PackedTokens, T> ask)
    {
        using GradientSwitch off = Gradients.Off();
        if (_frozen is { } frozen)
        {
            return ask(frozen);
        }

        AdapterSet set = _model.Adapters!;
        Adapter? active = set.Active;
        try
        {
            set.Active = null;
            return ask(_own);
        }
        finally
        {
            set.Active = active;
        }
    }
}
