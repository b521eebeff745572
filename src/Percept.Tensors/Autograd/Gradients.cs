using Percept.Tensors.Memory;

namespace Percept.Tensors.Autograd;

/// <summary>Gradients by the chain rule, from the ops that this thread recorded.</summary>
/// <remarks>
/// An op is recorded when one of its inputs requires a gradient and recording is not off. Everything here is of the
/// current thread: a forward pass and its backward pass run on one thread (the ops inside use all cores).
/// </remarks>
public static class Gradients
{
    /// <summary>Whether ops of this thread are recorded.</summary>
    public static bool Enabled => !ThreadTensors.Current.GradientsOff;

    /// <summary>How many ops of this thread are recorded and wait for a backward pass.</summary>
    public static int RecordedOps => ThreadTensors.Current.Tape.Count;

    /// <summary>Turns recording off until the result is disposed: <c>using (Gradients.Off()) { … }</c>.</summary>
    public static GradientSwitch Off() => new(off: true);

    /// <summary>
    /// Adds the gradient of <paramref name="loss"/> to every leaf that requires one (see <see cref="Tensor.Grad"/>), then
    /// ends the recorded results, except the loss itself and those kept.
    /// </summary>
    /// <param name="loss">A recorded result; a scalar unless <paramref name="gradient"/> is given. Outside any scope it lives
    /// until the next backward pass.</param>
    /// <param name="gradient">The gradient that arrives at <paramref name="loss"/>, F32 of its shape; 1 when left out.</param>
    /// <param name="retain">Keeps the record, so that a second backward pass can follow.</param>
    /// <remarks>
    /// When it throws, the record is gone and leaves may hold a part of their gradients: <see cref="Tensor.ZeroGrad"/>.
    /// </remarks>
    /// <exception cref="InvalidOperationException">The loss is not recorded on this thread.</exception>
    /// <exception cref="DTypeException"><paramref name="gradient"/> is not F32.</exception>
    /// <exception cref="ShapeException">No gradient was given and the loss has several elements, or the shapes differ.</exception>
    /// <exception cref="TensorDisposedException">A recorded result is gone.</exception>
    public static void Backward(Tensor loss, Tensor? gradient = null, bool retain = false)
    {
        ThreadTensors thread = ThreadTensors.Current;
        TensorNode node = loss.Node;
        if (node.Tape != thread.Tape)
        {
            throw new InvalidOperationException(
                "The loss was not recorded on this thread: no tensor that it depends on requires a gradient, recording was " +
                "off, or its backward pass has run.");
        }

        if (gradient is null && node.Shape.Count != 1)
        {
            throw ShapeException.ForShape(nameof(loss), node.Shape, "a single element, or a gradient to start from");
        }

        if (gradient is { } start)
        {
            Ops.RequireFloat32(start, nameof(gradient));
        }

        if (gradient is { } given && given.Shape != node.Shape)
        {
            throw ShapeException.ForShape(nameof(gradient), given.Shape, $"the loss's shape {node.Shape}");
        }

        try
        {
            using TensorScope scope = TensorScope.Open();
            thread.Tape.Backward(loss, gradient ?? Ops.Full(node.Shape, 1f), 0, retain);
        }
        catch
        {
            thread.Tape.EndStep(loss);
            throw;
        }

        if (retain)
        {
            thread.Tape.UnshareLeaves();
        }
        else
        {
            thread.Tape.EndStep(loss);
        }
    }

    /// <summary>
    /// Gives back the memory of results whose values no gradient reads, such as products with frozen weights: for the end of a part of
    /// a model that hands on one result. Gradients still flow through what is given back; reading its values is an error.
    /// </summary>
    /// <param name="since"><see cref="RecordedOps"/> where the part began.</param>
    /// <param name="result">What the part hands on; it stays, as does what <see cref="Tensor.Keep"/> keeps.</param>
    public static void ReleaseUnread(int since, Tensor result) => ThreadTensors.Current.Tape.ReleaseUnread(since, result);

    /// <summary>Forgets what this thread recorded, and ends the results that no scope owns.</summary>
    public static void Discard() => ThreadTensors.Current.Tape.Discard();

    /// <summary>
    /// Runs a part of a model without keeping its intermediate results; the backward pass runs it again to have them.
    /// </summary>
    /// <typeparam name="TState">What the part needs, such as a layer.</typeparam>
    /// <param name="state">Handed to <paramref name="segment"/>.</param>
    /// <param name="segment">The part: a function of its input (and of leaves) alone. Give the same delegate each time, so
    /// that nothing is allocated.</param>
    /// <param name="input">The part's input.</param>
    /// <returns>What <paramref name="segment"/> returns.</returns>
    /// <remarks>Random numbers drawn inside must come from a stream that starts at the same place each time.</remarks>
    public static unsafe Tensor Checkpoint<TState>(TState state, Func<TState, Tensor, Tensor> segment, Tensor input)
        where TState : class
    {
        ArgumentNullException.ThrowIfNull(segment);
        if (!Enabled)
        {
            return segment(state, input);
        }

        Tensor output;
        using (Off())
        {
            using TensorScope scope = TensorScope.Open();
            output = segment(state, input);

            // A segment may hand back its input or a leaf, which must not become the record's own.
            output = scope.Keep(output.Node.Depth == ThreadTensors.Current.Depth ? output : Ops.Detach(output));
        }

        RecordAgain(state, segment, input, output);
        return output;
    }

    /// <summary>
    /// Runs the end of a model, a part with a scalar result, and computes the gradient of its input at once: neither are its intermediate
    /// results kept, nor does the backward pass run it again. Where it reads other tensors
    /// that require gradients it is a <see cref="Checkpoint"/>.
    /// </summary>
    /// <typeparam name="TState">What the part needs, such as a head.</typeparam>
    /// <param name="state">Handed to <paramref name="segment"/>.</param>
    /// <param name="segment">The part: a function of its input (and of leaves) alone. Give the same delegate each time, so
    /// that nothing is allocated.</param>
    /// <param name="input">The part's input.</param>
    /// <returns>What <paramref name="segment"/> returns, float32 [].</returns>
    /// <remarks>What a checkpoint inside the part reads counts as requiring a gradient.</remarks>
    /// <exception cref="ArgumentException">The result is no scalar.</exception>
    public static unsafe Tensor Ahead<TState>(TState state, Func<TState, Tensor, Tensor> segment, Tensor input)
        where TState : class
    {
        ArgumentNullException.ThrowIfNull(segment);
        if (!Enabled || !input.RequiresGrad)
        {
            return RequireScalar(Checkpoint(state, segment, input));
        }

        Tape tape = ThreadTensors.Current.Tape;
        int from = tape.Count;
        Tensor output, gradient = default;
        bool again;
        using (TensorScope scope = TensorScope.Open())
        {
            Tensor own = input.View(input.Shape);
            own.RequireGrad();
            Tensor result = RequireScalar(segment(state, own));
            using GradientSwitch off = Off();
            output = scope.Keep(Ops.Detach(result));
            bool recorded = result.Node.Tape == tape && result.Node.TapeIndex >= from;
            again = tape.ReadsOthers(from, own) || (result.RequiresGrad && !recorded);
            if (recorded && !again)
            {
                tape.Backward(result, Ops.Full([], 1f), from, retain: false);
                gradient = own.Grad is { } found ? scope.Keep(Ops.Detach(found)) : default;
            }
        }

        if (again)
        {
            RecordAgain(state, segment, input, output);
        }
        else if (!gradient.IsNone)
        {
            tape.TakeOver(gradient);
            Tape.Record(&AheadGradient, output, [input]).Save(gradient).LeavesInput(0).LeavesOutputs();
        }

        return output;
    }

    private static Tensor RequireScalar(Tensor result) => result.Rank == 0
        ? result
        : throw new ArgumentException($"The part returned {result.Shape}; only a scalar's gradient is taken ahead. Use Checkpoint.", nameof(result));

    private static unsafe void RecordAgain<TState>(TState state, Func<TState, Tensor, Tensor> segment, Tensor input, Tensor output)
        where TState : class =>
        Tape.Record(&CheckpointGradient<TState>, output, [input]).SaveState((state, segment)).RunsAgain = true;

    private static void AheadGradient(TapeEntry entry) => entry.Add(0, Ops.Multiply(entry.Saved(0), entry.OutputGrad()));

    private static void CheckpointGradient<TState>(TapeEntry entry)
        where TState : class
    {
        (TState state, Func<TState, Tensor, Tensor> segment) = entry.State<(TState, Func<TState, Tensor, Tensor>)>();
        Tensor upstream = entry.OutputGrad();
        Tensor given = entry.Input(0);
        Tensor input = given.View(given.Shape);
        bool wants = entry.Wants(0);
        if (wants)
        {
            input.RequireGrad();
        }

        Tape tape = ThreadTensors.Current.Tape;
        int from = tape.Count;
        Tensor output;
        using (new GradientSwitch(off: false))
        {
            output = segment(state, input);
            if (output.Node.Tape != tape || output.Node.TapeIndex < from)
            {
                output = Ops.Reshape(output, output.Shape);
            }
        }

        if (output.Node.Tape == tape && output.Node.TapeIndex >= from)
        {
            tape.Backward(output, upstream, from, retain: false);
        }
        else
        {
            tape.Truncate(from);
        }

        if (wants && input.Grad is { } gradient)
        {
            entry.Add(0, gradient);
        }
    }
}
