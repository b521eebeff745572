namespace Percept.Training;

/// <summary>A run was stopped because its loss or its gradients show that it goes wrong.</summary>
/// <param name="message">What is wrong, and the samples of the step.</param>
public sealed class TrainingStoppedException(string message) : Exception(message);
