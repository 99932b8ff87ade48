using Isotope.Datasets;
using Isotope.Datasets.Formats;
using Parquet;
using Parquet.Schema;

namespace Isotope.Tests.Datasets.Formats;

/// <summary>Labels of every type, and other columns of every type, written again with images replaced.</summary>
public sealed class ParquetTypeTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    [Fact]
    public async Task Rewrite_ColumnsOfEveryType_KeepTheirValues()
    {
        await WriteLabels<long>("label", i => i);
        await AssertKept<long>();
        await WriteLabels<long>("label", i => i, nullable: true);
        await AssertKept<long>();
        await WriteLabels<int>("label", i => i);
        await AssertKept<int>();
        await WriteLabels<short>("label", i => (short)i);
        await AssertKept<short>();
        await WriteLabels<sbyte>("label", i => (sbyte)i);
        await AssertKept<sbyte>();
        await WriteLabels<byte>("label", i => (byte)i, nullable: true);
        await AssertKept<byte>();
        await WriteLabels<ushort>("label", i => (ushort)i, nullable: true);
        await AssertKept<ushort>();
        await WriteLabels<uint>("label", i => (uint)i);
        await AssertKept<uint>();
        await WriteLabels<ulong>("label", i => (ulong)i);
        await AssertKept<ulong>();
        await WriteLabels<double>("label", i => i, nullable: true);
        await AssertKept<double>();
        await WriteLabels<float>("label", i => i);
        await AssertKept<float>();
        await WriteLabels<bool>("label", i => i == 1);
        await AssertKept<bool>();
    }

    [Fact]
    public async Task Open_LabelsThatAreNoClasses_AreRefused()
    {
        await WriteLabels<double>("label", i => i + 0.5);
        Assert.Contains("expected whole numbers or texts in column label, found 0.5", Refusal());
        await WriteLabels<DateTime>("label", _ => default);
        Assert.Contains("expected numbers or texts in column label, found DateTime", Refusal());
        await WriteLabels<long>("other", i => i);
        Assert.Contains("a column of labels (label, class …), or --label-column, found caption, other", Refusal());
        Assert.Equal(2, Dataset.Open(folder.File("a.parquet"), new DatasetOptions { LabelColumn = "other" }).ClassNames.Count);

        string Refusal() => Assert.Throws<IsotopeException>(() => Dataset.Open(folder.File("a.parquet"))).Message;
    }

    [Fact]
    public async Task RequireRewritable_ColumnOfTimes_SaysSoBeforeAnyWork()
    {
        await WriteLabels<DateTime>("taken", _ => default);
        Assert.Contains(
            "found DateTime in taken; add --as-folder",
            Assert.Throws<IsotopeException>(() => new ParquetImages().RequireRewritable(folder.File("a.parquet"))).Message
        );
    }

    public void Dispose() => folder.Dispose();

    private async Task WriteLabels<T>(string name, Func<int, T> value, bool nullable = false)
        where T : struct
    {
        var schema = new ParquetSchema(
            new DataField("image", typeof(byte[]), isNullable: nullable),
            new DataField("caption", typeof(string), isNullable: nullable),
            nullable ? new DataField<T?>(name) : new DataField<T>(name)
        );
        await using var stream = File.Create(folder.File("a.parquet"));
        await using var writer = await ParquetWriter.CreateAsync(schema, stream);
        using var group = writer.CreateRowGroup();
        await group.WriteAsync(schema.GetDataFields()[0], LayoutFiles.Pngs[..2]);
        await group.WriteAsync(schema.GetDataFields()[1], new[] { "a", "b" });
        if (nullable)
            await group.WriteAsync<T>(schema.GetDataFields()[2], new T?[] { value(0), value(1) }.AsMemory());
        else
            await group.WriteAsync<T>(schema.GetDataFields()[2], new[] { value(0), value(1) }.AsMemory());
    }

    private async Task AssertKept<T>()
        where T : struct
    {
        var before = Dataset.Open(folder.File("a.parquet"));
        Assert.Equal([0, 1], before.Images.Select(image => image.Label));
        await using (var output = File.Create(folder.File("b.parquet")))
            before.Container!.Format.Rewrite(
                folder.File("a.parquet"),
                [new Replacement(before.Images[1].Source, null, () => LayoutFiles.Pngs[5])],
                output
            );
        var after = Dataset.Open(folder.File("b.parquet"));
        Assert.Equal(LayoutFiles.Pngs[0], after.Images[0].Source.Read());
        Assert.Equal(LayoutFiles.Pngs[5], after.Images[1].Source.Read());
        Assert.Equal([0, 1], after.Images.Select(image => image.Label));
    }
}
