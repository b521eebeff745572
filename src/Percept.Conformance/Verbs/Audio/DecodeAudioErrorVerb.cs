using Percept.Media;

namespace Percept.Conformance;

/// <summary>A broken sound file: must end in a typed error, or be read where the reference reads it too.</summary>
internal static class DecodeAudioErrorVerb
{
    internal static void Run(RunContext context)
    {
        context.Args.Skip("why"); // describes the file
        string reference = context.Args.Text("reference_does", "");
        byte[] file = context.Bytes(context.Args.Text("audio"));
        string? problem = null;
        try
        {
            Sound sound = AudioDecoder.Decode(file);
            problem = reference.StartsWith("accepts", StringComparison.Ordinal)
                ? null
                : $"was read: {sound.Channels} channels of {sound.Length} samples";
        }
        catch (Exception error) when (error is InvalidDataException or NotSupportedException)
        {
            // What is wanted.
        }

        context.Judge("error", problem);
    }
}
