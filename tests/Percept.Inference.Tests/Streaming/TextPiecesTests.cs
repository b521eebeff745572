using System.Text;
using Percept.Inference.Tests.Support;
using Percept.Text;
using Xunit;

namespace Percept.Inference.Tests.Streaming;

/// <summary>Text that grows: whole characters, and nothing of stop strings.</summary>
public class TextPiecesTests
{
    private const int End = 256;

    [Fact]
    public void CharactersAreWhole()
    {
        byte[] text = Encoding.UTF8.GetBytes("é你😀!");
        var pieces = new TextPieces(Tokenizer(), []);
        var all = new StringBuilder();
        foreach (byte value in text)
        {
            string piece = pieces.Put(Id(value));
            Assert.DoesNotContain('\uFFFD', piece);
            Assert.False(piece.Length > 0 && char.IsHighSurrogate(piece[^1]));
            all.Append(piece);
        }

        Assert.Equal("é你😀!", all.Append(pieces.End()).ToString());
    }

    [Fact]
    public void ControlTokensAreLeftOut()
    {
        var pieces = new TextPieces(Tokenizer(), []);
        Assert.Equal("a", pieces.Put(Id((byte)'a')));
        Assert.Equal("", pieces.Put(End));
        var kept = new TextPieces(Tokenizer(), [], skipSpecialTokens: false);
        Assert.Equal("</s>", kept.Put(End));
    }

    /// <summary>A model's head may have more rows than there are tokens.</summary>
    [Fact]
    public void AnIdWithoutATokenHasNoText()
    {
        var pieces = new TextPieces(Tokenizer(), ["END"]);
        Assert.Equal("a", pieces.Put(Id((byte)'a')));
        Assert.Equal("", pieces.Put(100_000));
        Assert.Equal("b", pieces.Put(Id((byte)'b')));
    }

    [Fact]
    public void ThePartOfAStopStringIsHeldBack()
    {
        var pieces = new TextPieces(Tokenizer(), ["END", "\n\n"]);
        Assert.Equal("", Put(pieces, "E"));
        Assert.Equal("EX", Put(pieces, "X"));
        Assert.Equal("", Put(pieces, "EN"));
        Assert.Equal("ENE", Put(pieces, "EEN"));
        Assert.Equal("", Put(pieces, "D after"));
        Assert.True(pieces.HasStopped);
        Assert.Equal("", pieces.Put(Id((byte)'x')));
        Assert.Equal("", pieces.End());
    }

    [Fact]
    public void WhatWasHeldBackComesAtTheEnd()
    {
        var pieces = new TextPieces(Tokenizer(), ["stop"]);
        Assert.Equal("a ", Put(pieces, "a sto"));
        Assert.Equal("sto", pieces.End());
        Assert.False(pieces.HasStopped);
    }

    [Fact]
    public void PiecesAddUpToTheTextBeforeTheFirstStop()
    {
        var random = new Random(8);
        for (int repeat = 0; repeat < 300; repeat++)
        {
            string text = string.Concat(Enumerable.Range(0, 20).Select(_ => "abé"[random.Next(3)]));
            string[] stops = [.. Enumerable.Range(0, 3).Select(_ =>
                string.Concat(Enumerable.Range(0, random.Next(1, 5)).Select(_ => "abé"[random.Next(3)])))];
            var pieces = new TextPieces(Tokenizer(), stops);
            var all = new StringBuilder();
            foreach (byte value in Encoding.UTF8.GetBytes(text))
            {
                all.Append(pieces.Put(Id(value)));
            }

            all.Append(pieces.End());
            // The stop that is complete first ends the text, at its own beginning.
            string wanted = text;
            for (int length = 1; length <= text.Length && wanted.Length == text.Length; length++)
            {
                string? stop = stops.Where(stop => text[..length].EndsWith(stop, StringComparison.Ordinal))
                    .MaxBy(stop => stop.Length);
                wanted = stop is null ? text : text[..(length - stop.Length)];
            }

            Assert.Equal(wanted, all.ToString());
        }
    }

    [Fact]
    public void TheMatcherAgreesWithSearching()
    {
        var random = new Random(2);
        TokenBytes bytes = TokenBytes.Of(
            ["a"u8.ToArray(), "b"u8.ToArray(), "ab"u8.ToArray(), "bba"u8.ToArray(), [0xC3], [0xA9], "aé"u8.ToArray(), null], []);
        for (int repeat = 0; repeat < 300; repeat++)
        {
            string[] stops = [.. Enumerable.Range(0, 3).Select(_ =>
                string.Concat(Enumerable.Range(0, random.Next(1, 6)).Select(_ => "abé"[random.Next(3)])))];
            var matcher = new StopMatcher(stops, bytes);
            int[] ids = [.. Enumerable.Range(0, 12).Select(_ => random.Next(8))];
            int prompt = random.Next(6);
            int state = matcher.Start(ids.AsSpan(0, prompt));
            for (int i = prompt; i < ids.Length; i++)
            {
                state = matcher.Step(state, ids[i], out bool matches);
                byte[] all = [.. ids.Take(i + 1).SelectMany(id => bytes[id].ToArray())];
                int last = bytes[ids[i]].Length;
                bool wanted = stops.Select(Encoding.UTF8.GetBytes).Any(stop => Enumerable.Range(0, last).Any(cut =>
                    all.AsSpan(0, all.Length - cut).EndsWith(stop)));
                Assert.Equal(wanted, matches);
            }
        }
    }

    [Fact]
    public void ALoopStopsAtAStopStringInsideAToken()
    {
        TokenBytes bytes = TokenBytes.Of(["x"u8.ToArray(), "ab"u8.ToArray(), "cd"u8.ToArray(), "e"u8.ToArray()], []);
        using ToySession session = ToySession.Script(4, [3, 1, 2, 3, 3]);
        GenerationResult result = TextGenerator.Generate(session, new GenerationRequest
        {
            Prompts = [new GenerationPrompt([3])],
            Settings = new GenerationSettings { MaxNewTokens = 9, StopStrings = ["bc"] },
            TokenBytes = bytes,
        }, TestContext.Current.CancellationToken);
        Assert.Equal([1, 2], result.Sequences[0].Tokens);
        Assert.Equal(FinishReason.StopString, result.Sequences[0].Finish);
    }

    private static string Put(TextPieces pieces, string text) =>
        string.Concat(Encoding.UTF8.GetBytes(text).Select(value => pieces.Put(Id(value))));

    private static int Id(byte value) => value;

    private static Tokenizer Tokenizer()
    {
        string[] letters = [.. Enumerable.Range(0, 256).Select(value => ByteAlphabet.Letter((byte)value).ToString())];
        return new Tokenizer(new TokenizerParts(new BpeModel(Vocabulary.FromList(letters), [], new BpeOptions()))
        {
            Decoder = new ByteLevelDecoder(),
            AddedTokens = [new AddedToken("</s>", End) { Special = true }],
        });
    }
}
