using System.Text.Json.Nodes;
using Isotope.Datasets;

namespace Isotope.Tests.Datasets;

public sealed class QuerySetTests : IDisposable
{
    private static readonly QuerySet Sound = new(
        new JsonObject(),
        MarkUnit.Class,
        2,
        ["a", "b"],
        [.. Enumerable.Range(0, 2).Select(version => new QueryImage($"a/{version}.png", "x", "a", version, ""))]
    );

    private readonly TemporaryFolder folder = new();

    public static TheoryData<string, QuerySet> Unsound() =>
        new()
        {
            { "one version", Sound with { Versions = 1 } },
            { "a version too many", Sound with { Images = [.. Sound.Images, Sound.Images[0] with { Version = 2 }] } },
            { "a version below the first", Sound with { Images = [Sound.Images[0] with { Version = -1 }] } },
            { "a version twice", Sound with { Images = [.. Sound.Images, Sound.Images[1]] } },
            { "a file twice", Sound with { Images = [Sound.Images[0], Sound.Images[1] with { File = Sound.Images[0].File }] } },
            { "an image of two classes", Sound with { Images = [Sound.Images[0], Sound.Images[1] with { ClassName = "b" }] } },
            { "a class twice", Sound with { ClassNames = ["a", "a"] } },
            { "an unknown class", Sound with { ClassNames = ["b", "c"] } },
            { "a file elsewhere", Sound with { Images = [Sound.Images[0] with { File = "../a/0.png" }] } },
            { "no image", Sound with { Images = [null!] } },
        };

    [Fact]
    public void Load_WhatWasSaved_IsTheSame()
    {
        Sound.Save(folder.File("q"));
        Assert.Equal(Sound.Images, QuerySet.Load(folder.File("q")).Images);
    }

    [Theory]
    [MemberData(nameof(Unsound))]
    public void Load_AnIndexThatContradictsItself_IsRefused(string what, QuerySet set)
    {
        set.Save(folder.File("q"));
        Assert.Contains(
            "expected an index of query images",
            Assert.Throws<IsotopeException>(() => QuerySet.Load(folder.File("q"))).Message
        );
        Assert.NotEmpty(what);
    }

    public void Dispose() => folder.Dispose();
}
