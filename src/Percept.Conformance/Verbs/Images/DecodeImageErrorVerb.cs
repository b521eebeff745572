using Percept.Media;

namespace Percept.Conformance;

/// <summary>The broken file <c>image</c> must be refused with a typed error.</summary>
internal static class DecodeImageErrorVerb
{
    internal static void Run(RunContext context)
    {
        // What is broken and what another decoder does about it only describes the file.
        context.Args.Skip("why");
        context.Args.Skip("reference_does");
        byte[] data = context.Bytes(context.Args.Text("image"));
        string? problem;
        try
        {
            Image image = ImageDecoder.Decode(data);
            problem = $"is decoded as {image.Width}×{image.Height} {image.Format}, expected an error";
        }
        catch (Exception error) when (error is InvalidDataException or NotSupportedException or EndOfStreamException)
        {
            problem = null;
        }

        context.Judge("error", problem);
    }
}
