using Isotope.Files;

namespace Isotope.Tests.Files;

public sealed class FolderPathTests
{
    [Theory]
    [InlineData("/data", "/data", true)]
    [InlineData("/data", "/data/", true)]
    [InlineData("/data/", "/data", true)]
    [InlineData("/data", "/data/a/b", true)]
    [InlineData("/data/", "/data/a/../b", true)]
    [InlineData("/data/a/..", "/data/b", true)]
    [InlineData("/", "/data", true)]
    [InlineData("/", "/", true)]
    [InlineData("/data", "/data2", false)]
    [InlineData("/data", "/data.txt", false)]
    [InlineData("/data", "/data/..", false)]
    [InlineData("/data", "/data/../other", false)]
    [InlineData("/data", "/DATA/a", false)]
    [InlineData("/data", "/", false)]
    public void Contains_PathThatNeedNotExist_IsDecidedByItsName(string folder, string path, bool contains) =>
        Assert.Equal(contains, FolderPath.Contains(folder, path));

    [Fact]
    public void Contains_RelativePath_IsRelativeToTheWorkingFolder()
    {
        Assert.True(FolderPath.Contains(".", "a/b"));
        Assert.True(FolderPath.Contains(Environment.CurrentDirectory, "."));
        Assert.False(FolderPath.Contains("a", "b"));
    }

    [Fact]
    public void Contains_LinkThatLeadsElsewhere_IsNotFollowed()
    {
        if (OperatingSystem.IsWindows())
            return;
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder.File("data"));
        Directory.CreateSymbolicLink(folder.File("data/link"), folder.Path);
        Assert.True(FolderPath.Contains(folder.File("data"), folder.File("data/link")));
    }
}
