using Percept.TestSupport;
using Percept.Tests;
using Xunit;

namespace Percept.Checkpoints.Tests;

public class AtomicFileTests
{
    [Fact]
    public void AFileIsReplacedAsAWhole()
    {
        using var folder = new TempFolder();
        string path = folder.File("a.bin");
        File.WriteAllBytes(path, new byte[10]);
        AtomicFile.Write(path, stream => stream.Write([1, 2, 3]));
        Assert.Equal([1, 2, 3], File.ReadAllBytes(path));
        Assert.Equal([path], Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public void AFailureLeavesTheOldFile()
    {
        using var folder = new TempFolder();
        string path = folder.File("a.bin");
        File.WriteAllBytes(path, [7]);
        Assert.Throws<InvalidDataException>(() => AtomicFile.Write(path, stream =>
        {
            stream.Write([1, 2, 3]);
            throw new InvalidDataException("half way");
        }));
        Assert.Equal([7], File.ReadAllBytes(path));
        Assert.Equal([path], Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public void AMissingFolderIsNamedWithTheFileMeant()
    {
        using var folder = new TempFolder();
        string missing = folder.File("nowhere");
        string path = Path.Combine(missing, "a.bin");
        string message = Assert.Throws<DirectoryNotFoundException>(() => AtomicFile.Write(path, _ => { })).Message;
        Assert.Contains($"'{path}'", message, StringComparison.Ordinal);
        Assert.Contains($"'{missing}'", message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(missing));
    }
}
