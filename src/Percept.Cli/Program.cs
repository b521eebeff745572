namespace Percept.Cli;

internal static class Program
{
    private static int Main(string[] args) => PerceptCommand.Run(args, Console.Out, Console.Error);
}
