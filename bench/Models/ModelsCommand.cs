using System.Diagnostics;
using Percept.Bench.Kernels;

namespace Percept.Bench.Models;

/// <summary>
/// <c>models [options of kernels] [--files FOLDER]</c>: whole models against this machine's limits; then, unless <c>--only</c>
/// chooses others (<c>open</c> chooses it), opening files of a 7B model in a process of its own (they are written first, 4.4 GB).
/// </summary>
internal static class ModelsCommand
{
    private const string Files = "--files";
    private const string OpenPattern = "open";
    private const string Model = "llava-1.5-7b";

    internal static int Run(string[] args)
    {
        string folder = Path.Combine(Path.GetTempPath(), "percept-bench", Model);
        int at = Array.IndexOf(args, Files);
        if (at >= 0 && at + 1 < args.Length)
        {
            folder = args[at + 1];
            args = [.. args[..at], .. args[(at + 2)..]];
        }

        int only = Array.IndexOf(args, "--only");
        bool opens = only < 0 || only + 1 >= args.Length, benches = true;
        if (!opens)
        {
            string[] patterns = args[only + 1].Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
            string[] others = [.. patterns.Where(pattern => !pattern.Equals(OpenPattern, StringComparison.OrdinalIgnoreCase))];
            opens = others.Length < patterns.Length;
            benches = others.Length > 0 || !opens;
            args = [.. args[..(only + 1)], string.Join(',', others), .. args[(only + 2)..]];
        }

        int measured = benches ? KernelsCommand.Run(args, ModelBenches.All()) : 0;
        if (measured == 2 || !opens || args.Contains("--list"))
        {
            return measured;
        }

        if (!Directory.Exists(folder) || Directory.GetFiles(folder, "*.gguf").Length < 2)
        {
            Console.WriteLine($"Writing {Model} into {folder}.");
            MakeCommand.Run([Model, folder]);
        }

        bool check = args.Contains("--check");
        int opened = Open(folder, check);
        return Math.Max(measured, opened);
    }

    /// <summary>Opens the files in a process of its own, whose memory is the model's alone.</summary>
    private static int Open(string folder, bool check)
    {
        string picture = Path.Combine(folder, "picture.png");
        if (!File.Exists(picture))
        {
            File.WriteAllBytes(picture, TestPicture.Png());
        }

        string program = Environment.ProcessPath!;
        var start = new ProcessStartInfo(program);
        if (Path.GetFileNameWithoutExtension(program) == "dotnet")
        {
            start.ArgumentList.Add(typeof(ModelsCommand).Assembly.Location);
        }

        foreach (string word in (ReadOnlySpan<string>)[OpenPattern, folder, "--image", picture, check ? "--check" : "--report"])
        {
            start.ArgumentList.Add(word);
        }

        // The first run brings the files into the cache of the operating system.
        for (int i = 0; i < 2; i++)
        {
            using Process process = Process.Start(start)!;
            process.WaitForExit();
            if (i == 1)
            {
                return process.ExitCode;
            }
        }

        return 0;
    }
}
