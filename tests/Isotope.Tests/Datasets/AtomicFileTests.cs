using Isotope.Datasets;

namespace Isotope.Tests.Datasets;

public sealed class AtomicFileTests
{
    [Fact]
    public void Write_ExistingFile_IsReplaced()
    {
        using TemporaryFolder folder = new();
        string path = folder.Write("a", "something longer"u8);
        AtomicFile.Write(path, stream => stream.Write("new"u8));
        Assert.Equal("new"u8, File.ReadAllBytes(path));
        Assert.Equal([path], Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void Write_WriterFails_OldFileStaysAndNoPartIsLeft()
    {
        using TemporaryFolder folder = new();
        string path = folder.Write("a", "old"u8);
        Assert.Throws<ArithmeticException>(() => AtomicFile.Write(path, stream =>
        {
            stream.Write("half"u8);
            throw new ArithmeticException();
        }));
        Assert.Equal("old"u8, File.ReadAllBytes(path));
        Assert.Equal([path], Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void Write_PartIsHeldByAnother_IsRefusedAndThePartStays()
    {
        using TemporaryFolder folder = new();
        string path = folder.File("a");
        using (new FileStream(path + ".part", FileMode.Create, FileAccess.Write, FileShare.None))
            Assert.Throws<IsotopeException>(() => AtomicFile.Write(path, stream => stream.Write("b"u8)));
        Assert.Equal([path + ".part"], Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void Write_FolderIsMissing_IsOneLine()
    {
        using TemporaryFolder folder = new();
        IsotopeException e = Assert.Throws<IsotopeException>(() => AtomicFile.Write(folder.File("none/a"), _ => { }));
        Assert.StartsWith(folder.File("none/a") + ": expected a place to write to, found: ", e.Message);
        Assert.DoesNotContain('\n', e.Message);
    }
}
