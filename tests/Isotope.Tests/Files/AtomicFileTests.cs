using Isotope.Files;

namespace Isotope.Tests.Files;

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
        Assert.Throws<ArithmeticException>(() =>
            AtomicFile.Write(
                path,
                stream =>
                {
                    stream.Write("half"u8);
                    throw new ArithmeticException();
                }
            )
        );
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

    /// <summary>Anyone who can write to the folder can put links there; the files they lead to must not be changed.</summary>
    [Fact]
    public void Write_LinkInThePlaceOfThePartOrTheFile_IsReplacedAndNotFollowed()
    {
        if (OperatingSystem.IsWindows())
            return;
        using TemporaryFolder folder = new();
        var (victim, path) = (folder.Write("victim", "kept"u8), folder.File("a"));
        File.CreateSymbolicLink(path, victim);
        File.CreateSymbolicLink(path + ".part", victim);
        AtomicFile.WritePrivate(path, stream => stream.Write("new"u8));
        Assert.Equal("kept"u8, File.ReadAllBytes(victim));
        Assert.Equal(("new", null), (File.ReadAllText(path), new FileInfo(path).LinkTarget));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
    }

    [Fact]
    public void Write_FileThatAppearsMeanwhile_IsKept()
    {
        using TemporaryFolder folder = new();
        string path = folder.File("a");
        Assert.Throws<IsotopeException>(() =>
            AtomicFile.WritePrivate(
                path,
                stream =>
                {
                    File.WriteAllText(path, "another's");
                    stream.Write("mine"u8);
                },
                kept: "it is another's"
            )
        );
        Assert.Equal("another's", File.ReadAllText(path));
    }

    [Fact]
    public void Write_PartOfAKilledRun_IsReplaced()
    {
        using TemporaryFolder folder = new();
        string path = folder.File("a");
        File.WriteAllText(path + ".part", "something longer");
        AtomicFile.Write(path, stream => stream.Write("new"u8));
        Assert.Equal("new", File.ReadAllText(path));
        Assert.Equal([path], Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void Write_MissingFolder_IsRefusedInOneLine()
    {
        using TemporaryFolder folder = new();
        IsotopeException e = Assert.Throws<IsotopeException>(() => AtomicFile.Write(folder.File("none/a"), _ => { }));
        Assert.StartsWith(folder.File("none/a") + ": expected a place to write to, found: ", e.Message);
        Assert.DoesNotContain('\n', e.Message);
    }
}
