using Percept.Tensors;

namespace Percept.Conformance;

/// <summary>Einstein sums: for each further tensor one matrix product between permutations, from the left.</summary>
internal static class Einsum
{
    internal static Tensor Compute(string equation, IReadOnlyList<Tensor> tensors)
    {
        string text = equation.Replace(" ", string.Empty, StringComparison.Ordinal);
        string[] sides = text.Split("->");
        string[] terms = sides[0].Split(',');
        if (sides.Length > 2 || terms.Length != tensors.Count)
        {
            throw NotSupported(equation);
        }

        string output = sides.Length == 2 ? sides[1] : Implied(terms);
        foreach (string term in terms.Append(output))
        {
            if (term.Any(letter => !char.IsAsciiLetter(letter)) || term.Distinct().Count() != term.Length)
            {
                throw NotSupported(equation);
            }
        }

        Tensor result = tensors[0];
        string letters = terms[0];
        for (int i = 1; i < terms.Length; i++)
        {
            // What neither the result nor a later term has is summed at once.
            string needed = output + string.Concat(terms.Skip(i + 1));
            string kept = string.Concat((letters + terms[i]).Distinct().Where(needed.Contains));
            result = Product(letters, result, terms[i], tensors[i], kept);
            letters = kept;
        }

        return Reduce(letters, result, output);
    }

    /// <summary>Without an arrow the result has the letters that stand once, in alphabetical order.</summary>
    private static string Implied(string[] terms)
    {
        string all = string.Concat(terms);
        return string.Concat(all.Where(letter => all.Count(other => other == letter) == 1).Order());
    }

    private static Tensor Product(string aTerm, Tensor a, string bTerm, Tensor b, string output)
    {
        // Letters of one term alone that the result lacks are summed away first.
        string aKept = string.Concat(aTerm.Where(letter => bTerm.Contains(letter) || output.Contains(letter)));
        string bKept = string.Concat(bTerm.Where(letter => aTerm.Contains(letter) || output.Contains(letter)));
        a = Reduce(aTerm, a, aKept);
        b = Reduce(bTerm, b, bKept);
        string batch = string.Concat(aKept.Where(letter => bKept.Contains(letter) && output.Contains(letter)));
        string summed = string.Concat(aKept.Where(letter => bKept.Contains(letter) && !output.Contains(letter)));
        string aFree = string.Concat(aKept.Where(letter => !bKept.Contains(letter)));
        string bFree = string.Concat(bKept.Where(letter => !aKept.Contains(letter)));

        Dictionary<char, int> sizes = [];
        AddSizes(sizes, aKept, a);
        AddSizes(sizes, bKept, b);
        int Size(string letters) => letters.Aggregate(1, (product, letter) => product * sizes[letter]);

        Tensor left = Ops.Reshape(Order(a, aKept, batch + aFree + summed), [Size(batch), Size(aFree), Size(summed)]);
        Tensor right = Ops.Reshape(Order(b, bKept, batch + summed + bFree), [Size(batch), Size(summed), Size(bFree)]);
        string letters = batch + aFree + bFree;
        int[] axes = [.. letters.Select(letter => sizes[letter])];
        return Order(Ops.Reshape(Ops.MatMul(left, right), Shape.Create(axes)), letters, output);
    }

    private static Tensor Reduce(string term, Tensor tensor, string output)
    {
        if (tensor.Rank != term.Length)
        {
            throw new InvalidDataException($"The term '{term}' names {term.Length} axes of shape {tensor.Shape}.");
        }

        int[] gone = [.. Enumerable.Range(0, term.Length).Where(axis => !output.Contains(term[axis]))];
        string kept = string.Concat(term.Where(output.Contains));
        return Order(gone.Length == 0 ? tensor : Ops.Sum(tensor, gone), kept, output);
    }

    private static Tensor Order(Tensor tensor, string from, string to)
    {
        if (from == to)
        {
            return tensor;
        }

        if (from.Length != to.Length || to.Any(letter => !from.Contains(letter)))
        {
            throw new InvalidDataException($"The result '{to}' has other axes than '{from}'.");
        }

        return Ops.Permute(tensor, [.. to.Select(letter => from.IndexOf(letter, StringComparison.Ordinal))]);
    }

    private static void AddSizes(Dictionary<char, int> sizes, string term, Tensor tensor)
    {
        for (int axis = 0; axis < term.Length; axis++)
        {
            int size = tensor.Shape[axis];
            if (sizes.TryGetValue(term[axis], out int known) && known != size)
            {
                throw new InvalidDataException(
                    $"The axis '{term[axis]}' is {known} in one term and {size} in the other.");
            }

            sizes[term[axis]] = size;
        }
    }

    private static InvalidDataException NotSupported(string equation) =>
        new($"The equation '{equation}' is not supported: terms of distinct letters are, one for each tensor.");
}
