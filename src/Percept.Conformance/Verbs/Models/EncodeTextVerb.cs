using Percept.Models;

namespace Percept.Conformance;

/// <summary>Encodes texts. What a run's inputs and outputs mean, the kind of model says.</summary>
internal static class EncodeTextVerb
{
    /// <summary>Every kind of model: one line each.</summary>
    private static readonly (Func<object, bool> Takes, Action<RunContext, object> Run)[] s_kinds =
    [
        (model => model is ITextEncoder, (context, model) => TextEncoderForward.Run(context, (ITextEncoder)model)),
        (model => model is IEncoderDecoder, (context, model) => TextEncoderForward.Run(context, ((IEncoderDecoder)model).Encoder)),
    ];

    internal static void Run(RunContext context)
    {
        LoadedModel loaded = context.Model();
        foreach ((Func<object, bool> takes, Action<RunContext, object> run) in s_kinds)
        {
            if (takes(loaded.Model))
            {
                run(context, loaded.Model);
                return;
            }
        }

        throw new NotUnderstoodException($"'encode_text' is not known of models of type '{loaded.ModelType}'");
    }
}
