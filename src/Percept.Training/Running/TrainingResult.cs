namespace Percept.Training;

/// <summary>How a run ended.</summary>
/// <param name="Steps">How many steps are done.</param>
/// <param name="Finished">Whether that is all of them; else the run was stopped, and can be resumed.</param>
/// <param name="LastLoss">The loss of the last step; NaN where there was none.</param>
/// <param name="Model">The folder of the trained model, or of the newest checkpoint of a run that was stopped; null for none.</param>
/// <param name="Skipped">How many samples were too long and left out.</param>
public sealed record TrainingResult(int Steps, bool Finished, double LastLoss, string? Model, long Skipped);
