using System.Text.Json.Nodes;
using Isotope.Networks;

namespace Isotope.Tests.Networks;

/// <summary>Maps of classes that people write by hand.</summary>
public sealed class ClassMapTests : IDisposable
{
    private static readonly string[] Owners = ["ant", "bee", "cat"];
    private readonly TemporaryFolder folder = new();

    [Fact]
    public void Resolve_NumbersAndNames_GivesOutputs()
    {
        var map = Load("""{"classes": {"bee": 2, "cat": ["lion", 0, "lion"]}, "outputs": ["tree", "lion", "wasp"]}""");
        Assert.Equal(
            [
                [],
                [2],
                [0, 1],
            ],
            map.Resolve(Owners, 3)
        );
        Assert.Equal(3, map.Outputs);
        Assert.Equal(map.Resolve(Owners, 3), ClassMap.OfJson(JsonNode.Parse(ClassMap.ToJson(map)!.ToJsonString()))!.Resolve(Owners, 3));
        Assert.Equal(
            [
                [],
                [1],
                [],
            ],
            Load("""{"classes": {"bee": "b"}}""").Resolve(Owners, 2, ["a", "b"])
        );
    }

    [Theory]
    [InlineData("""{"classes": {"dog": 1}}""", "expected the images' classes (ant, bee, cat), found 'dog'")]
    [InlineData("""{"classes": {"bee": 3}}""", "expected outputs of 0 to 2, found 3")]
    [InlineData("""{"classes": {"bee": -1}}""", "expected outputs of 0 to 2, found -1")]
    [InlineData("""{"classes": {"bee": "wasp"}}""", "since its file does not name them; found 'wasp'")]
    [InlineData(
        """{"classes": {"bee": "fly"}, "outputs": ["a", "b", "c"]}""",
        "expected names of the model's outputs (a, b, c), found 'fly'"
    )]
    [InlineData("""{"classes": {"bee": 0}, "outputs": 30}""", "expected outputs for the 3 that the model has, found 30")]
    public void Resolve_WhatDoesNotFit_IsRefused(string json, string message) =>
        Assert.Contains(message, Assert.Throws<IsotopeException>(() => Load(json).Resolve(Owners, 3)).Message);

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("""{"classes": {}}""")]
    [InlineData("""{"classes": {"bee": 1.5}}""")]
    [InlineData("""{"classes": {"bee": null}}""")]
    [InlineData("""{"classes": {"bee": [[1]]}}""")]
    [InlineData("""{"classes": {"bee": 1}, "outputs": [1]}""")]
    [InlineData("""{"classes": {"bee": 1}, "outputs": 0}""")]
    [InlineData("""{"classes": {"bee": 1}, "output": 3}""")]
    [InlineData("""{"classes": {"bee": 1, "bee": 2}}""")]
    public void Load_SomethingElse_IsRefused(string json) =>
        Assert.Contains(
            "expected a map of classes, as in {\"classes\": {\"cat\": 3, \"dog\": [5, 7]}}",
            Assert.Throws<IsotopeException>(() => Load(json)).Message
        );

    [Fact]
    public void OfJson_Words_AreThemselves()
    {
        Assert.Null(ClassMap.OfJson(ClassMap.ToJson(null)));
        Assert.Same(ClassMap.Auto, ClassMap.OfJson(ClassMap.ToJson(ClassMap.Auto)));
        Assert.Same(ClassMap.Order, ClassMap.Parse("order"));
        Assert.Throws<IsotopeException>(() => ClassMap.OfJson(JsonValue.Create(3)));
        Assert.Throws<IsotopeException>(() => ClassMap.OfJson(JsonValue.Create("other")));
    }

    public void Dispose() => folder.Dispose();

    private ClassMap Load(string json)
    {
        File.WriteAllText(folder.File("map.json"), json);
        return ClassMap.Load(folder.File("map.json"));
    }
}
