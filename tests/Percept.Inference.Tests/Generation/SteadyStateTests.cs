using Percept.Inference.Tests.Constraints;
using Percept.Inference.Tests.Support;
using Xunit;

namespace Percept.Inference.Tests.Generation;

/// <summary>Decoding allocates nothing for a token once it runs.</summary>
[Collection("Memory")]
public class SteadyStateTests
{
    private const int Warm = 300;
    private const int Measured = 2000;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void ATokenAllocatesNothing(bool constrained)
    {
        var sink = new Meter();
        using ToySession session = ToySession.Bigrams(ToyVocabulary.Bytes.Count, 2, 5);
        TextGenerator.Generate(session, new GenerationRequest
        {
            Prompts = [new([1, 2]), new([3])],
            Settings = new GenerationSettings
            {
                MaxNewTokens = Measured + Warm, DoSample = true, Seed = 3, Temperature = 0.9, TopP = 0.9, RepetitionPenalty = 1.1,
                StopStrings = ["no such text"],
            },
            TokenBytes = ToyVocabulary.Bytes,
            Constraint = constrained ? TokenConstraint.FromRegex("([a-f ]|é)*", ToyVocabulary.Instance) : null,
            Sink = sink,
        }, TestContext.Current.CancellationToken);
        Assert.Equal(0, sink.Last - sink.First);
    }

    private sealed class Meter : ITokenSink
    {
        private int _count;

        internal long First { get; private set; }

        internal long Last { get; private set; }

        public void Put(int sequence, int token, FinishReason? finish)
        {
            _count++;
            if (_count == 2 * Warm)
            {
                First = GC.GetAllocatedBytesForCurrentThread();
            }
            else if (_count == 2 * Measured)
            {
                Last = GC.GetAllocatedBytesForCurrentThread();
            }
        }
    }
}
