using Percept.Checkpoints;
using Percept.Models;

namespace Percept.Cli;

/// <summary>What kind of model a path holds, as far as its files tell before it is loaded.</summary>
internal static class ModelKinds
{
    /// <summary>Refuses a model that answers no questions.</summary>
    /// <exception cref="CommandException">It is such a model; the message names the command that takes it.</exception>
    internal static void RequireAnswers(string path)
    {
        if (!Directory.Exists(path) || ModelFolder.Read(path).ModelType is not { } type
            || ProcessorFamilies.All.Any(family => family.ModelTypes.Contains(type))
            || KindOf(type) is not { } kind)
        {
            return;
        }

        throw new CommandException($"'{path}' holds a {kind} ({type}), which answers no questions; 'percept embed' makes vectors with it");
    }

    /// <summary>What a model of a type is; null for a type that Percept does not have.</summary>
    internal static string? KindOf(string type) => ModelFamilies.All.FirstOrDefault(family => family.ModelTypes.Contains(type))?.Kind;
}
