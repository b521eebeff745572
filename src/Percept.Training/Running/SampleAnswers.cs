using System.Text;
using System.Text.Json.Nodes;
using Percept.Data;
using Percept.Inference;
using Percept.Media;
using Percept.Models;

namespace Percept.Training;

/// <summary>Asks the model the same questions again and again while it is trained, and keeps what it answers.</summary>
internal sealed class SampleAnswers
{
    private readonly TrainedModel _model;
    private readonly SamplesRecipe _recipe;
    private readonly int _clipFrames;
    private readonly string _path;
    private readonly IReadOnlyList<DatasetSample> _samples;
    private readonly string[] _names;
    private readonly List<SampleAnswer> _answers;

    internal SampleAnswers(TrainedModel model, Recipe recipe, string path, IReadOnlyList<DatasetSample> samples, int steps)
    {
        _model = model;
        _recipe = recipe.Samples;
        _clipFrames = recipe.Loss.ClipFrames;
        _path = path;
        _samples = [.. samples.Select(Whole).Where(sample => LastAnswer(sample) >= 0)];

        // Two samples may have one id, in one file or in two.
        ILookup<string, DatasetSample> ids = _samples.ToLookup(sample => sample.Id, StringComparer.Ordinal);
        _names = [.. _samples.Select(sample => ids[sample.Id].Count() == 1 ? sample.Id : $"{sample.Id} ({sample.Source})")];
        _answers = [.. Read(path).Where(answer => answer.Step <= steps)];
    }

    /// <summary>The answers so far, in the order of their steps.</summary>
    internal IReadOnlyList<SampleAnswer> All => _answers;

    /// <summary>The first picture of each sample as PNG, by the sample's name.</summary>
    internal IReadOnlyDictionary<string, byte[]> Pictures { get; private set; } = new Dictionary<string, byte[]>();

    /// <summary>Answers all samples, greedily.</summary>
    internal void Ask(int step, CancellationToken cancellation)
    {
        if (_samples.Count == 0 || _model.Language is null || _model.Processor is not { } processor)
        {
            return;
        }

        // Weights change from time to time, so nothing of earlier prompts may be kept.
        var options = new EngineOptions { PrefixCacheBytes = 0, MediaCacheBytes = 0, CacheType = KvCacheType.F32 };
        using var chat = new MultimodalChat(_model.Loaded, processor, new GenerationSettings(), options);
        var asked = new AnswerOptions { Adjust = settings => settings with { MaxNewTokens = _recipe.MostTokens, DoSample = false } };
        Task<ChatAnswer>[] answers = [.. _samples.Select(sample => chat.AnswerAsync(Turns(sample), asked, cancellation))];
        Task.WaitAll(answers, cancellation);
        for (int i = 0; i < answers.Length; i++)
        {
            DatasetSample sample = _samples[i];
            int last = LastAnswer(sample);
            string question = string.Concat(sample.Messages.Take(last).Select(message => message.ToString() + "\n"));
            _answers.Add(new SampleAnswer(step, _names[i], question.Trim(), answers[i].Result.Text, sample.Messages[last].Text));
        }

        Write();
        Draw();
    }

    /// <summary>Of a pair the conversation with the better answer; an answer that is not wanted (KTO) is none to compare with.</summary>
    private static DatasetSample Whole(DatasetSample sample) => sample.IsDesirable == false
        ? sample with { Messages = [] }
        : sample with { Messages = [.. sample.Messages, .. sample.Chosen ?? []], Chosen = null, Rejected = null };

    private static int LastAnswer(DatasetSample sample)
    {
        if (sample.TurnsApart)
        {
            // Each question stands alone, or behind what all follow on: the first is asked that the sample does not answer itself.
            int first = 1;
            while (first < sample.Messages.Count && (sample.Messages[first].Role != DataRoles.Assistant || !sample.Messages[first].IsSupervised))
            {
                first++;
            }

            return first < sample.Messages.Count && first <= sample.CommonMessages + 1 ? first : -1;
        }

        for (int i = sample.Messages.Count - 1; i > 0; i--)
        {
            if (sample.Messages[i].Role == DataRoles.Assistant)
            {
                return i;
            }
        }

        return -1;
    }

    private static IEnumerable<SampleAnswer> Read(string path)
    {
        foreach (string line in File.Exists(path) ? File.ReadAllLines(path) : [])
        {
            JsonObject json = JsonNode.Parse(line)!.AsObject();
            string Text(string name) => json[name]!.GetValue<string>();
            yield return new SampleAnswer(json["step"]!.GetValue<int>(), Text("sample"), Text("question"), Text("answer"), Text("reference"));
        }
    }

    private ChatTurn[] Turns(DatasetSample sample) =>
    [
        .. sample.Messages.Take(LastAnswer(sample)).Select(message => new ChatTurn(
            message.Role,
            [.. message.Parts.Select(Part)])),
    ];

    private ChatPart Part(DataPart part) =>
        part.Media is { } media ? new ChatPart(null, DataMedia.Load(media, _clipFrames)) : new ChatPart(part.Text);

    private void Write() => Checkpoints.AtomicFile.Write(_path, stream =>
    {
        foreach (SampleAnswer answer in _answers)
        {
            var json = new JsonObject
            {
                ["step"] = answer.Step,
                ["sample"] = answer.Sample,
                ["question"] = answer.Question,
                ["answer"] = answer.Answer,
                ["reference"] = answer.Reference,
            };
            stream.Write(Encoding.UTF8.GetBytes(json.ToJsonString() + "\n"));
        }
    });

    private void Draw()
    {
        if (Pictures.Count > 0)
        {
            return;
        }

        var pictures = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        foreach ((DatasetSample sample, string name) in _samples.Zip(_names))
        {
            if (sample.Media.FirstOrDefault(media => media.Kind == DataPartKind.Image) is { } media)
            {
                pictures[name] = PngEncoder.Encode(media.LoadImage());
            }
        }

        Pictures = pictures;
    }
}
