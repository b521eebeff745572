namespace Percept.Models.Tests.Multimodal;

/// <summary>A copy of a checkpoint's folder with files changed, gone when the test is over.</summary>
internal sealed class FolderCopy : IDisposable
{
    internal FolderCopy(string folder, params ReadOnlySpan<(string File, string Text)> changes)
    {
        Path = Directory.CreateTempSubdirectory("percept-multimodal-").FullName;
        foreach (string file in Directory.EnumerateFiles(folder))
        {
            File.Copy(file, System.IO.Path.Combine(Path, System.IO.Path.GetFileName(file)));
        }

        foreach ((string file, string text) in changes)
        {
            Write(file, text);
        }
    }

    internal string Path { get; }

    internal void Write(string file, string text) => File.WriteAllText(System.IO.Path.Combine(Path, file), text);

    internal void Remove(string file) => File.Delete(System.IO.Path.Combine(Path, file));

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
