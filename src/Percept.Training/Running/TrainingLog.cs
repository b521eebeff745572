using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Percept.Checkpoints;

namespace Percept.Training;

/// <summary>The log of a run, <c>log.jsonl</c>: one line of JSON a step.</summary>
/// <remarks>A line is in the file when the call returns, so that a killed process loses none. For one thread.</remarks>
public sealed class TrainingLog : IDisposable
{
    private readonly FileStream? _file;
    private readonly List<TrainingProgress> _steps;
    private readonly ArrayBufferStream _buffer = new();

    private TrainingLog(FileStream? file, List<TrainingProgress> steps)
    {
        _file = file;
        _steps = steps;
    }

    /// <summary>The steps so far.</summary>
    public IReadOnlyList<TrainingProgress> Steps => _steps;

    /// <summary>Opens a log.</summary>
    /// <param name="path">The file; it is made where there is none.</param>
    /// <param name="steps">How many steps stay: those after a checkpoint are taken away when a run is resumed from it.</param>
    public static TrainingLog Open(string path, int steps)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        List<TrainingProgress> kept = [.. Read(path).Where(step => step.Step <= steps)];
        AtomicFile.Write(path, stream =>
        {
            var buffer = new ArrayBufferStream();
            foreach (TrainingProgress step in kept)
            {
                stream.Write(buffer.Line(step));
            }
        });
        return new TrainingLog(new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite, 1), kept);
    }

    /// <summary>A log that is kept in memory alone, of a rank that writes no files.</summary>
    /// <param name="path">The file of the steps before.</param>
    /// <param name="steps">How many of them it begins with.</param>
    public static TrainingLog Follow(string path, int steps)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return new TrainingLog(null, [.. Read(path).Where(step => step.Step <= steps)]);
    }

    /// <summary>Reads a log; a last line that was cut off counts for nothing.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="InvalidDataException">A line is no step.</exception>
    public static IReadOnlyList<TrainingProgress> Read(string path)
    {
        var steps = new List<TrainingProgress>();
        if (!File.Exists(path))
        {
            return steps;
        }

        string text = File.ReadAllText(path);
        int line = 0;
        for (int at = 0, end; (end = text.IndexOf('\n', at)) >= 0; at = end + 1)
        {
            line++;
            steps.Add(Step(text[at..end], path, line));
        }

        return steps;
    }

    /// <summary>Adds a step.</summary>
    /// <param name="step">The step.</param>
    public void Add(TrainingProgress step)
    {
        ArgumentNullException.ThrowIfNull(step);
        _steps.Add(step);
        _file?.Write(_buffer.Line(step));
        _file?.Flush();
    }

    /// <inheritdoc/>
    public void Dispose() => _file?.Dispose();

    private static TrainingProgress Step(string text, string path, int line)
    {
        try
        {
            JsonObject json = JsonNode.Parse(text)!.AsObject();
            double Number(string name) => json[name]?.GetValue<double>() ?? double.NaN;
            return new TrainingProgress
            {
                Step = json["step"]!.GetValue<int>(),
                Steps = json["steps"]!.GetValue<int>(),
                Loss = Number("loss"),
                LearningRate = Number("learning_rate"),
                GradientNorm = Number("gradient_norm"),
                Samples = json["samples"]!.GetValue<int>(),
                Tokens = json["tokens"]!.GetValue<int>(),
                Weight = Number("weight"),
                Epoch = Number("epoch"),
                Time = TimeSpan.FromMilliseconds(Number("milliseconds")),
                Waiting = TimeSpan.FromMilliseconds(Number("waiting_milliseconds")),
                PeakBytes = json["peak_bytes"]!.GetValue<long>(),
                HeapBytes = json["heap_bytes"]!.GetValue<long>(),
                Left = TimeSpan.FromSeconds(Number("seconds_left")),
                HeldOutLoss = json["held_out_loss"]?.GetValue<double>(),
                Metrics =
                [
                    .. json["metrics"]?.AsObject().Select(pair => KeyValuePair.Create(pair.Key, pair.Value?.GetValue<double>() ?? double.NaN)) ?? [],
                ],
            };
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or NullReferenceException or FormatException)
        {
            throw new InvalidDataException($"'{path}', line {line}: this is no step of a run ({error.Message}). Remove the line.", error);
        }
    }

    /// <summary>A buffer of bytes that is used again for each line.</summary>
    private sealed class ArrayBufferStream
    {
        private readonly ArrayBufferWriter<byte> _bytes = new(512);

        internal ReadOnlySpan<byte> Line(TrainingProgress step)
        {
            _bytes.ResetWrittenCount();
            using (var json = new Utf8JsonWriter(_bytes))
            {
                Write(json, step);
            }

            _bytes.Write("\n"u8);
            return _bytes.WrittenSpan;
        }

        private static void Write(Utf8JsonWriter json, TrainingProgress step)
        {
            json.WriteStartObject();
            json.WriteNumber("step", step.Step);
            json.WriteNumber("steps", step.Steps);
            Number(json, "loss", step.Loss);
            Number(json, "learning_rate", step.LearningRate);
            Number(json, "gradient_norm", step.GradientNorm);
            json.WriteNumber("samples", step.Samples);
            json.WriteNumber("tokens", step.Tokens);
            Number(json, "weight", step.Weight);
            Number(json, "epoch", step.Epoch);
            Number(json, "milliseconds", Math.Round(step.Time.TotalMilliseconds, 3));
            Number(json, "waiting_milliseconds", Math.Round(step.Waiting.TotalMilliseconds, 3));
            json.WriteNumber("peak_bytes", step.PeakBytes);
            json.WriteNumber("heap_bytes", step.HeapBytes);
            Number(json, "seconds_left", Math.Round(step.Left.TotalSeconds, 1));
            if (step.HeldOutLoss is { } heldOut)
            {
                Number(json, "held_out_loss", heldOut);
            }

            if (step.Metrics.Count > 0)
            {
                json.WriteStartObject("metrics");
                foreach ((string name, double value) in step.Metrics)
                {
                    Number(json, name, value);
                }

                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        /// <summary>JSON has no NaN and no infinity; they become null.</summary>
        private static void Number(Utf8JsonWriter json, string name, double value)
        {
            if (double.IsFinite(value))
            {
                json.WriteNumber(name, value);
            }
            else
            {
                json.WriteNull(name);
            }
        }
    }
}
