using Zalando.Postgres.Sdk.Planning.Roles;

namespace Zalando.Postgres.Sdk.Planning.Tests.Roles;

public sealed class RotatedNameTests
{
    [Theory]
    [InlineData("app", "app261121", true)]
    [InlineData("app", "app_reporting210101", false)]
    [InlineData("app", "app2_210101", false)]
    [InlineData("app", "app261301", false)]
    [InlineData("app", "app26112", false)]
    [InlineData("app", "app", false)]
    [InlineData("a_p", "abp261121", false)]
    public void Only_the_name_and_a_real_date_is_a_dated_name(string role, string name, bool dated) => Assert.Equal(dated, RotatedName.IsOf(role, name));

    [Fact]
    public void The_name_carries_the_day_in_utc() =>
        Assert.Equal("foo261120", RotatedName.For("foo", new(2026, 11, 21, 1, 0, 0, TimeSpan.FromHours(2))));
}
