using System.Globalization;
using System.Numerics;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Resources.Tests;

public sealed class QuantityTests
{
    private static readonly string[] Suffixes = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];

    [Theory]
    [InlineData("0", "0")]
    [InlineData("0.5", "500m")]
    [InlineData("100m", "100m")]
    [InlineData("1000m", "1")]
    [InlineData("1024Mi", "1Gi")]
    [InlineData("1.5Gi", "1536Mi")]
    [InlineData("1500Mi", "1500Mi")]
    [InlineData("1000Ki", "1000Ki")]
    [InlineData("1000k", "1M")]
    [InlineData("12e6", "12e6")]
    [InlineData("1234567", "1234567")]
    [InlineData("-1.5", "-1500m")]
    [InlineData("1E", "1E")]
    public void The_canonical_form_is_the_one_the_api_server_stores(string text, string canonical) =>
        Assert.Equal(canonical, Quantity.Parse(text).ToCanonicalString());

    [Theory]
    [InlineData("")]
    [InlineData(" 1")]
    [InlineData("1 Gi")]
    [InlineData("Gi")]
    [InlineData(".")]
    [InlineData("1GB")]
    [InlineData("1gi")]
    [InlineData("1,5")]
    [InlineData("0x10")]
    [InlineData("1e99999")]
    [InlineData("--1")]
    public void What_is_no_quantity_is_refused_with_the_text_and_the_rule(string text)
    {
        var error = Assert.Throws<FormatException>(() => Quantity.Parse(text));
        Assert.Contains($"\"{text}\"", error.Message, StringComparison.Ordinal);
        Assert.Contains("10Gi", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Quantities_compare_by_value_and_keep_their_text()
    {
        var pairs = new[] { ("1Gi", "1024Mi"), ("1", "1000m"), ("0.1", "100m"), ("1e3", "1k"), ("1Gi", "1073741824") };
        Assert.All(pairs, pair =>
        {
            Assert.Equal(Quantity.Parse(pair.Item1), Quantity.Parse(pair.Item2));
            Assert.Equal(Quantity.Parse(pair.Item1).GetHashCode(), Quantity.Parse(pair.Item2).GetHashCode());
        });
        Assert.Equal("1024Mi", Quantity.Parse("1024Mi").ToString());
        Assert.True(Quantity.Parse("999m") < Quantity.Parse("1"));
    }

    [Fact]
    public void A_number_in_json_is_read_and_written_back_as_text()
    {
        var claim = JsonSerializer.Deserialize("""{"spec":{"resources":{"requests":{"storage":5,"x":0.5}}}}""", PersistentVolumeClaim.JsonTypeInfo)!;
        var requests = claim.Spec!.Resources!.Requests!;
        Assert.Equal(Quantity.Parse("5"), requests["storage"]);
        Assert.Equal(500, requests["x"].MilliValue);
    }

    [Fact]
    public void The_canonical_form_has_the_same_value_and_is_its_own_canonical_form()
    {
        var generator =
            from sign in Gen.Elements("", "-", "+")
            from whole in Gen.Choose(0, int.MaxValue)
            from fraction in Gen.Frequency((2, Gen.Constant("")), (1, Gen.Choose(0, 999).Select(f => "." + f.ToString(CultureInfo.InvariantCulture))))
            from suffix in Gen.Elements(Suffixes)
            select sign + whole.ToString(CultureInfo.InvariantCulture) + fraction + suffix;
        Prop.ForAll(generator.ToArbitrary(), text =>
        {
            var quantity = Quantity.Parse(text);
            var canonical = Quantity.Parse(quantity.ToCanonicalString());
            return canonical == quantity && canonical.ToCanonicalString() == quantity.ToCanonicalString();
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));
    }

    [Fact]
    public void Any_text_is_either_a_quantity_or_refused_never_a_crash() =>
        Prop.ForAll<string?>(text => !Quantity.TryParse(text, out var quantity) || quantity.ToString() == text)
            .Check(Config.QuickThrowOnFailure.WithMaxTest(2000));

    [Fact]
    public void Values_beyond_64_bits_are_held_exactly_and_capped_only_when_asked_for_as_a_number()
    {
        var quantity = Quantity.Parse("100Ei");
        Assert.Equal(BigInteger.Parse("115292150460684697600000000000", CultureInfo.InvariantCulture), quantity.Nanos);
        Assert.Equal(long.MaxValue, quantity.Value);
    }
}
