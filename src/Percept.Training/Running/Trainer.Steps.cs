using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
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
    private readonly Action _reduce;
    private readonly double[] _counts;

    private void TakeSteps(DataFeed feed, IProgress<TrainingProgress>? progress, CancellationToken cancellation)
    {
        while (Step < Steps && RunStep(feed, cancellation) is { } done)
        {
            _log.Add(done);
            progress?.Report(done);
            bool last = Step == Steps;
            if (!last && Recipe.Checkpoints.Every > 0 && Step % Recipe.Checkpoints.Every == 0)
            {
                WriteCheckpoint();
            }

            if (last || Step % Recipe.ReportEvery == 0 || _log.Steps.Count == 1)
            {
                Report(last ? "finished" : "training");
            }
        }
    }

    /// <summary>Takes a step; null where the run is to stop before it.</summary>
    private TrainingProgress? RunStep(DataFeed feed, CancellationToken cancellation)
    {
        _clock.Begin();
        _metrics.Clear();
        _batches.Clear();
        _items.Clear();
        try
        {
            StepCounts counts = Gather(feed, cancellation);
            if (counts.Stops)
            {
                return null;
            }

            long heap = GC.GetAllocatedBytesForCurrentThread();
            double rate = _schedule.Rate(Step);
            double loss = 0, norm = 0;
            _objective.Begin(_items, Step, _metrics);
            _isWhole = false;
            for (int update = 0; update < _objective.Updates; update++)
            {
                (double ownLoss, double ownNorm) = Update(rate, counts.HasMedia);
                loss += ownLoss / _objective.Updates;
                norm += ownNorm / _objective.Updates;
            }

            _watch.Note(loss);
            _metrics.Sum(_ranks);

            heap = GC.GetAllocatedBytesForCurrentThread() - heap;
            Step++;
            _skipped += counts.Skipped;
            _position = feed.Position;
            double? heldOut = LookAtSamples();
            _isWhole = true;
            (TimeSpan time, TimeSpan waiting, TimeSpan left) = _clock.End(Steps - Step);
            return new TrainingProgress
            {
                Step = Step,
                Steps = Steps,
                Loss = loss,
                LearningRate = rate,
                GradientNorm = norm,
                Samples = counts.Samples,
                Tokens = counts.Tokens,
                Weight = counts.Weight,
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
        double loss = _ranks.Sum(_objective.Accumulate(_items, Step, _metrics));
        _ranks.Whole(_reduce);
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

    /// <summary>
    /// Takes the step's micro-batches, and counts what all ranks have of them. Those of which every sample is skipped, in all ranks, count
    /// for nothing, and others take their place.
    /// </summary>
    private StepCounts Gather(DataFeed feed, CancellationToken cancellation)
    {
        long skipped = 0;
        for (long empty = 0; empty <= feed.EpochLength;)
        {
            while (_batches.Count < Recipe.Batch.Accumulate)
            {
                long since = Stopwatch.GetTimestamp();
                PreparedBatch batch = feed.Next();
                _clock.Waited(since);
                _batches.Add(batch);
                skipped += batch.Skipped;
            }

            Span<double> counts = _counts;
            counts.Clear();
            (counts[0], counts[1]) = (cancellation.IsCancellationRequested ? 1 : 0, skipped);
            for (int i = 0; i < _batches.Count; i++)
            {
                StepCounts.Add(_batches[i].Items, counts, StepCounts.Fixed + i);
            }

            _ranks.Sum(counts);
            int before = _batches.Count;
            for (int i = before - 1; i >= 0; i--)
            {
                if (counts[StepCounts.Fixed + i] == 0)
                {
                    _batches.RemoveAt(i);
                }
            }

            if (_batches.Count == before || counts[0] > 0)
            {
                _batches.ForEach(batch => _items.Add(batch.Items));
                return StepCounts.Of(counts);
            }

            empty += before - _batches.Count;
        }

        throw new InvalidDataException("Every sample is longer than loss.max_tokens allows. Raise it.");
    }

    private TrainingStoppedException Stopped(string wrong)
    {
        string names = string.Join(", ", _items.SelectMany(batch => batch).Select(item => item.Sample.ToString()));
        if (_ranks.Size > 1)
        {
            names = string.Join(", ", _ranks.AllGather(Encoding.UTF8.GetBytes(names)).Where(part => part.Length > 0).Select(Encoding.UTF8.GetString));
        }

        return new TrainingStoppedException(
            $"Step {Step + 1} was not taken: {wrong}. Its samples: {names}. " +
            "Look at them; lower the learning rate, or set stop.jump to 0 to go on all the same.");
    }

    private double? LookAtSamples()
    {
        if (Recipe.Samples.Every == 0 || (Step % Recipe.Samples.Every != 0 && Step != Steps))
        {
            return null;
        }

        _model.EndSteps();
        if (!_ranks.IsFirst)
        {
            return null;
        }

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

    /// <summary>Writes a checkpoint in rank 0, which the others do not wait for, once all ranks have said that they hold the same weights.</summary>
    private void WriteCheckpoint()
    {
        if (_ranks.Size > 1)
        {
            RequireSame(DigestOfWeights(), "holds other weights", "Run all ranks on processors of one kind, from the newest checkpoint");
        }

        if (!_ranks.IsFirst)
        {
            return;
        }

        Folder.WriteCheckpoint(Step, Recipe.Checkpoints.Keep, _model.Folder, folder =>
        {
            TrainingCheckpoint.WriteModel(folder, _model);
            TrainingCheckpoint.WriteValues(folder, _model.ValueHead);
            TrainingCheckpoint.WriteTraining(folder, Recipe, _optimizer, _average, new TrainingState
            {
                Step = Step,
                Steps = Steps,
                Seed = Recipe.Seed,
                Ranks = _ranks.Size,
                BatchSamples = Recipe.Batch.Samples * _ranks.Size,
                BatchTokens = Recipe.Batch.Tokens * _ranks.Size,
                Data = _position!,
                Files = _files,
                OptimizerSteps = _optimizer.StepCount,
                AverageSteps = _average?.Steps ?? 0,
            });
        });
    }

    /// <summary>
    /// Keeps the steps since the last checkpoint where something other than the loss has ended the run, such as a sample that cannot be prepared.
    /// Weights behind a loss that went wrong are no use, and ranks cannot agree on anything any more.
    /// </summary>
    private void Save(Exception error)
    {
        if (error is TrainingStoppedException || !_isWhole || _ranks.Size > 1 || _position is null)
        {
            return;
        }

        try
        {
            _model.EndSteps();
            WriteCheckpoint();
        }
        catch (IOException)
        {
            // What ended the run is told; a full disk would only hide it.
        }
    }

    private string DigestOfWeights()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (Parameter parameter in _model.Parameters)
        {
            hash.AppendData(parameter.Value.Bytes());
        }

        return Convert.ToHexString(hash.GetHashAndReset());
    }

    private double LastLoss => _log.Steps.Count > 0 ? _log.Steps[^1].Loss : double.NaN;

    /// <summary>Whether a run that was gone on with had come to its end before: there is nothing to write.</summary>
    private bool HadEnded() => _begun == Steps && _ranks.OfFirst(() => Directory.Exists(Folder.Model) ? "yes" : "no") == "yes";

    /// <summary>Writes the last checkpoint, and of a run that has come to its end the model, with the average of its weights.</summary>
    private TrainingResult End()
    {
        double loss = LastLoss;
        _model.EndSteps();
        if (_position is not null)
        {
            WriteCheckpoint();
        }

        if (Step < Steps)
        {
            Report("stopped");
            string newest = _ranks.OfFirst(() => Folder.Latest() ?? string.Empty);
            return new TrainingResult(Step, false, loss, newest.Length == 0 ? null : newest, _skipped);
        }

        _ranks.First(WriteModel);
        return new TrainingResult(Step, true, loss, Folder.Model, _skipped);
    }

    private void WriteModel()
    {
        _average?.Swap();
        try
        {
            RunFolder.WriteFolder(Folder.Model, folder => TrainingCheckpoint.WriteModel(folder, _model));
        }
        finally
        {
            _average?.Swap();
        }
    }

    /// <summary>Writes the report, in rank 0.</summary>
    private void Report(string state)
    {
        if (_ranks.IsFirst)
        {
            // Of a run that goes on, the plan of its beginning is of all its steps.
            string plan = Plan.Done > 0 && File.Exists(Folder.Plan) ? File.ReadAllText(Folder.Plan) : Plan.ToString();
            RunReport.Write(Folder.Report, state, Recipe, Steps, plan, _log.Steps, _answers);
        }
    }
}
