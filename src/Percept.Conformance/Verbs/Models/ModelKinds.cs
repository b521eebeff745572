using Percept.Models;

namespace Percept.Conformance;

/// <summary>What a verb does with each kind of model: the first that takes the model runs.</summary>
/// <param name="kinds">The kinds, the more specific ones in front.</param>
internal sealed class ModelKinds(params (Func<object, bool> Takes, Action<RunContext, object> Run)[] kinds)
{
    internal void Run(RunContext context)
    {
        LoadedModel loaded = context.Model();
        foreach ((Func<object, bool> takes, Action<RunContext, object> run) in kinds)
        {
            if (takes(loaded.Model))
            {
                run(context, loaded.Model);
                return;
            }
        }

        throw new NotUnderstoodException($"'{context.Run.Verb}' is not known of models of type '{loaded.ModelType}'");
    }
}
