using Percept.Conformance;
using Percept.Tensors;
using Xunit;

namespace Percept.Tests.Conformance;

public sealed class EinsumTests : IDisposable
{
    private static readonly Dictionary<char, int> s_sizes = new() { ['a'] = 2, ['b'] = 3, ['c'] = 4, ['d'] = 1 };

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("ab->ba")]
    [InlineData("abc->b")]
    [InlineData("abc->")]
    [InlineData("ab,bc->ac")]
    [InlineData("ab,bc")]
    [InlineData("ba,cb->ca")]
    [InlineData("abc,abc->ab")]
    [InlineData("abc,ad->cb")]
    [InlineData("ab,c->cab")]
    [InlineData("ab,ab->")]
    [InlineData("ab,bc,cd->ad")]
    [InlineData("abc,bd,ca->bd")]
    public void SumsAreThoseOfTheDefinition(string equation)
    {
        using TensorScope scope = TensorScope.Open();
        var random = new Random(7);
        string[] terms = equation.Split("->")[0].Split(',');
        string all = string.Concat(terms);
        string output = equation.Contains("->", StringComparison.Ordinal)
            ? equation.Split("->")[1]
            : string.Concat(all.Where(letter => all.Count(other => other == letter) == 1).Order());
        var made = new CaseBuilder(_folder.File("case")) { Args = $$"""{"op": "einsum", "equation": "{{equation}}"}""" };
        float[][] values = [.. terms.Select(
            term => Enumerable.Range(0, Count(term)).Select(_ => random.NextSingle() - 0.5f).ToArray())];
        for (int i = 0; i < terms.Length; i++)
        {
            made.Inputs[((char)('a' + i)).ToString()] = Tensor.From(values[i], ShapeOf(terms[i]));
        }

        made.Outputs["output"] = Tensor.From(Sum(terms, values, output), ShapeOf(output));
        CaseResult result = CaseRunner.Run(made.Write());
        Assert.True(result.Matches, result.Runs[0].Problem ?? result.Runs[0].Outputs[0].Problem);
    }

    [Theory]
    [InlineData("aa->a")]
    [InlineData("a...->a")]
    [InlineData("ab,bc->ac")]
    [InlineData("a->ab")]
    [InlineData("ab->a->b")]
    public void WhatIsNotSupportedFails(string equation)
    {
        var made = new CaseBuilder(_folder.File("case")) { Args = $$"""{"op": "einsum", "equation": "{{equation}}"}""" };
        made.Inputs["a"] = Tensor.From(new float[4], [2, 2]);
        made.Outputs["output"] = Tensor.From(new float[2], [2]);
        Assert.Equal(RunStatus.Failed, CaseRunner.Run(made.Write()).Runs[0].Status);
    }

    private static float[] Sum(string[] terms, float[][] values, string output)
    {
        var result = new float[Count(output)];
        string letters = string.Concat(string.Concat(terms).Distinct());
        for (int place = 0; place < Count(letters); place++)
        {
            var at = new Dictionary<char, int>();
            int rest = place;
            foreach (char letter in letters)
            {
                at[letter] = rest % s_sizes[letter];
                rest /= s_sizes[letter];
            }

            float product = 1;
            for (int i = 0; i < terms.Length; i++)
            {
                product *= values[i][Index(terms[i], at)];
            }

            result[Index(output, at)] += product;
        }

        return result;
    }

    private static int Index(string term, Dictionary<char, int> at) =>
        term.Aggregate(0, (index, letter) => (index * s_sizes[letter]) + at[letter]);

    private static int Count(string term) => term.Aggregate(1, (count, letter) => count * s_sizes[letter]);

    private static Shape ShapeOf(string term) => Shape.Create([.. term.Select(letter => s_sizes[letter])]);
}
