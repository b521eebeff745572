using Percept.Data;
using Percept.Models;
using Xunit;

namespace Percept.Training.Tests;

public sealed class PreparedPromptsTests : IDisposable
{
    private readonly RunFixture _runs = new();

    public void Dispose() => _runs.Dispose();

    [Fact]
    public void WhatIsKeptIsWhatWasPrepared()
    {
        var spans = new SupervisedSpans(ProcessorLoader.Load(_runs.Model));
        foreach (DatasetSample sample in Samples())
        {
            using SupervisedPrompt made = spans.Prepare(sample);
            using SupervisedPrompt read = PreparedPrompts.Read(PreparedPrompts.Write(made));
            Assert.Equal(made.Prompt.Ids, read.Prompt.Ids);
            Assert.Equal(made.Labels, read.Labels);
            Assert.Equal(made.Prompt.Positions, read.Prompt.Positions);
            Assert.Equal(made.Prompt.Spans.Count, read.Prompt.Spans.Count);
            foreach ((MediaSpan a, MediaSpan b) in made.Prompt.Spans.Zip(read.Prompt.Spans))
            {
                Assert.Equal((a.Start, a.Count, a.Offset), (b.Start, b.Count, b.Offset));
                Assert.Equal(
                    (a.Media.Kind, a.Media.Size, a.Media.Tokens, a.Media.IsTiled, a.Media.Grid, a.Media.Hash),
                    (b.Media.Kind, b.Media.Size, b.Media.Tokens, b.Media.IsTiled, b.Media.Grid, b.Media.Hash));
                Assert.Equal(a.Media.Pixels.Shape, b.Media.Pixels.Shape);
                Assert.Equal(a.Media.Pixels.DType, b.Media.Pixels.DType);
                Assert.True(a.Media.Pixels.Bytes().SequenceEqual(b.Media.Pixels.Bytes()));
            }
        }
    }

    [Fact]
    public void ASampleOfAFileIsPreparedOnceAndAChangedModelFolderPreparesAnew()
    {
        var cache = new PreparedCache(1 << 20);
        PreparedPrompts Prompts() =>
            new(new SupervisedSpans(ProcessorLoader.Load(_runs.Model)), _runs.Model, new SupervisionOptions(), cache);
        foreach (int hits in (int[])[0, 8, 16])
        {
            PreparedPrompts prompts = Prompts();
            foreach (DatasetSample sample in Samples())
            {
                prompts.Prepare(sample).Dispose();
            }

            Assert.Equal((8, hits), (cache.Misses, cache.MemoryHits));
        }

        DatasetSample twice = Samples().First();
        twice = twice with { Messages = [.. twice.Messages, .. twice.Messages] };
        SupervisedPrompt Learned(int unlearned)
        {
            DataMessage[] messages = [.. twice.Messages.Select((message, i) => i == unlearned ? message with { IsSupervised = false } : message)];
            return Prompts().Prepare(twice with { Messages = messages });
        }

        using (SupervisedPrompt first = Learned(1), second = Learned(3))
        {
            Assert.NotEqual(first.Labels, second.Labels);
        }

        Assert.Equal(10, cache.Misses);
        twice = twice with { AnswersByLetter = true };
        Learned(1).Dispose();
        Assert.Equal(11, cache.Misses);
        File.AppendAllText(Path.Combine(_runs.Model, "chat_template.json"), "\n");
        Prompts().Prepare(Samples().First()).Dispose();
        Assert.Equal(12, cache.Misses);
    }

    [Fact]
    public void ARunWithACacheLearnsWhatOneWithoutDoes()
    {
        double[] without = _runs.Train("without", _runs.Recipe("cache.memory_mb=0"));
        Assert.Equal(without, _runs.Train("with", _runs.Recipe()));
        string folder = _runs.Folder("kept");
        Assert.Equal(without, _runs.Train("first", _runs.Recipe("cache.memory_mb=0", $"cache.folder={folder}")));
        Assert.Equal(8, Directory.GetFiles(folder, "*.prepared").Length);
        Assert.Equal(without, _runs.Train("second", _runs.Recipe("cache.memory_mb=0", $"cache.folder={folder}")));
        Assert.Equal(8, Directory.GetFiles(folder, "*.prepared").Length);
    }

    private IEnumerable<DatasetSample> Samples()
    {
        IDataset dataset = DatasetReader.Open(_runs.Data);
        return Enumerable.Range(0, dataset.Count).Select(i => dataset[i]);
    }
}
