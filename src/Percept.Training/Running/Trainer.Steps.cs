using System.Diagnostics;
using Percept.Checkpoints;
using Percept.Tensors;
using Percept.Tensors.Memory;

namespace Percept.Training;

/// <content>A step, and what is written between steps.</content>
public sealed partial class Trainer
{
    private readonly StepClock _clock = new();
    private readonly StepMetrics _metrics = new();
    private readonly List<PreparedBatch> _batches = [];
    private readonly List<IReadOnlyList<TrainingItem>> _items = [];

    private TrainingProgress RunStep(DataFeed feed)
    {
        _clock.Begin();
        _metrics.Clear();
        Gather(feed);
        try
        {
            int samples = 0, tokens = 0;
            double weight = 0;
            bool hasMedia = false;
            foreach (IReadOnlyList<TrainingItem> items in _items)
            {
                samples += items.Count;
                for (int i = 0; i < items.Count; i++)
                {
                    tokens += items[i].Rows;
                    weight += items[i].Weight;
                    hasMedia |= items[i].HasMedia;
                }
            }

            long heap = GC.GetAllocatedBytesForCurrentThread();
            double rate = _schedule.Rate(Step);
            double loss = 0, norm = 0;
            _objective.Begin(_items, Step, _metrics);
            for (int update = 0; update < _objective.Updates; update++)
            {
                (double ownLoss, double ownNorm) = Update(rate, hasMedia);
                loss += ownLoss / _objective.Updates;
                norm += ownNorm / _objective.Updates;
            }

            heap = GC.GetAllocatedBytesForCurrentThread() - heap;
            Step++;
            _position = feed.Position;
            double? heldOut = LookAtSamples();
            (TimeSpan time, TimeSpan waiting, TimeSpan left) = _clock.End(Steps - Step);
            return new TrainingProgress
            {
                Step = Step,
                Steps = Steps,
                Loss = loss,
                LearningRate = rate,
                GradientNorm = norm,
                Samples = samples,
                Tokens = tokens,
                Weight = weight,
                Epoch = _batches[^1].Epoch,
                Time = time,
                Waiting = waiting,
                PeakBytes = TensorMemory.PeakBytes,
                HeapBytes = heap,
                Left = left,
                HeldOutLoss = heldOut,
                Metrics = [.. _metrics.Names.Select(name => KeyValuePair.Create(name, _metrics[name]))],
            };
        }
        finally
        {
            _batches.ForEach(batch => batch.Dispose());
        }
    }

    /// <summary>Moves the weights once; gives the loss and the norm of the gradients.</summary>
    private (double Loss, double Norm) Update(double rate, bool hasMedia)
    {
        double loss = _objective.Accumulate(_items, Step, _metrics);
        double norm = GradientClipping.GlobalNorm(_model.Parameters);
        _gradients.Look(hasMedia);
        if (_watch.Look(loss, norm) is { } wrong)
        {
            throw Stopped(wrong);
        }

        _optimizer.Step(rate, GradientClipping.Factor(norm, Recipe.ClipNorm));
        _optimizer.ZeroGradients();
        _average?.Update();
        return (loss, norm);
    }

    private void Gather(DataFeed feed)
    {
        _batches.Clear();
        _items.Clear();
        for (int i = 0; i < Recipe.Batch.Accumulate; i++)
        {
            long since = Stopwatch.GetTimestamp();
            PreparedBatch batch = feed.Next();
            _clock.Waited(since);
            _batches.Add(batch);
            _items.Add(batch.Items);
            _skipped += batch.Skipped;
        }
    }

    private TrainingStoppedException Stopped(string wrong)
    {
        IEnumerable<string> names = _items.SelectMany(batch => batch).Select(item => item.Sample.ToString());
        return new TrainingStoppedException(
            $"Step {Step + 1} was not taken: {wrong}. Its samples: {string.Join(", ", names)}. " +
            "Look at them; lower the learning rate, or set stop.jump to 0 to go on all the same.");
    }

    private double? LookAtSamples()
    {
        if (Recipe.Samples.Every == 0 || (Step % Recipe.Samples.Every != 0 && Step != Steps))
        {
            return null;
        }

        _model.EndSteps();
        _average?.Swap();
        try
        {
            _answers.Ask(Step, CancellationToken.None);
            return _heldOut.Take();
        }
        finally
        {
            _average?.Swap();
        }
    }

    private string WriteCheckpoint() => Folder.WriteCheckpoint(Step, Recipe.Checkpoints.Keep, _model.Folder, folder =>
    {
        TrainingCheckpoint.WriteModel(folder, _model);
        TrainingCheckpoint.WriteValues(folder, _model.ValueHead);
        TrainingCheckpoint.WriteTraining(folder, _optimizer, _average, new TrainingState
        {
            Step = Step,
            Steps = Steps,
            Seed = Recipe.Seed,
            Data = _position!,
            OptimizerSteps = _optimizer.StepCount,
            AverageSteps = _average?.Steps ?? 0,
        });
    });

    /// <summary>Writes the last checkpoint, and of a run that has come to its end the model, with the average of its weights.</summary>
    private TrainingResult End()
    {
        double loss = _log.Steps.Count > 0 ? _log.Steps[^1].Loss : double.NaN;
        _model.EndSteps();
        string? newest = _position is null ? Folder.Latest() : WriteCheckpoint();
        if (Step < Steps)
        {
            Report("stopped");
            return new TrainingResult(Step, false, loss, newest, _skipped);
        }

        _average?.Swap();
        try
        {
            RunFolder.WriteFolder(Folder.Model, folder => TrainingCheckpoint.WriteModel(folder, _model));
        }
        finally
        {
            _average?.Swap();
        }

        return new TrainingResult(Step, true, loss, Folder.Model, _skipped);
    }

    private void Report(string state) => RunReport.Write(Folder.Report, state, Recipe, Plan, _log.Steps, _answers);
}
