#:package ParquetSharp@25.0.1.2
#:package Apache.Arrow@23.0.0
using Apache.Arrow;
using Apache.Arrow.Types;
using ParquetSharp;
using ParquetSharp.Arrow;

// Writes hf.parquet as Hugging Face's library does: with Arrow's own Parquet writer, and the features in the schema's metadata.
// Run it as dotnet run make_parquet.cs IMAGE... OUTPUT, with the four images of CIFAR-10 that make_golden.py takes.
var files = args[..^1];
var info =
    """{"info": {"features": {"image": {"_type": "Image"}, "label": {"names": ["cat", "dog"], "_type": "ClassLabel"},"""
    + """ "note": {"dtype": "string", "_type": "Value"},"""
    + """ "box": {"feature": {"dtype": "float32", "_type": "Value"}, "_type": "List"}}}}""";
var imageType = new StructType([new Field("bytes", BinaryType.Default, true), new Field("path", StringType.Default, true)]);
var boxType = new ListType(new Field("element", FloatType.Default, true));
var schema = new Schema(
    [
        new Field("image", imageType, true),
        new Field("label", Int64Type.Default, true),
        new Field("note", StringType.Default, true),
        new Field("box", boxType, true),
    ],
    new Dictionary<string, string> { ["huggingface"] = info }
);
var bytes = new BinaryArray.Builder();
var paths = new StringArray.Builder();
var labels = new Int64Array.Builder();
var notes = new StringArray.Builder();
var boxes = new ListArray.Builder(FloatType.Default);
var values = (FloatArray.Builder)boxes.ValueBuilder;
foreach (var (i, file) in files.Index())
{
    bytes.Append(File.ReadAllBytes(file).AsSpan());
    paths.Append(Path.GetFileName(file));
    labels.Append(i % 2);
    if (i % 3 == 1)
        notes.AppendNull();
    else
        notes.Append($"note {i}");
    if (i % 3 == 2)
        boxes.AppendNull();
    else
    {
        boxes.Append();
        for (var k = 0; k < i % 3 + 1; k++)
            values.Append(k + 0.5f);
    }
}
var image = new StructArray(imageType, files.Length, [bytes.Build(), paths.Build()], ArrowBuffer.Empty, 0);
var batch = new RecordBatch(schema, [image, labels.Build(), notes.Build(), boxes.Build()], files.Length);
using var properties = new WriterPropertiesBuilder().Compression(Compression.Snappy).DisableStatistics("image.bytes").Build();
using var arrow = new ArrowWriterPropertiesBuilder().StoreSchema().Build();
using var writer = new FileWriter(args[^1], schema, properties, arrow);
writer.WriteRecordBatch(batch.Slice(0, 3), 3);
writer.WriteRecordBatch(batch.Slice(3, files.Length - 3), 3);
writer.Close();
