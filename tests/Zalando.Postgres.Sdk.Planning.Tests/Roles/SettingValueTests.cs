using Zalando.Postgres.Sdk.Planning.Roles;

namespace Zalando.Postgres.Sdk.Planning.Tests.Roles;

public sealed class SettingValueTests
{
    [Theory]
    [InlineData("search_path", "\"$user\", \"data\"", "\"$user\", data", true)]
    [InlineData("search_path", "'\"$user\", public'", "\"$user\", public", true)]
    [InlineData("search_path", "\"$user\", \"Data\"", "\"$user\", data", false)]
    [InlineData("search_path", "a, b", "b, a", false)]
    [InlineData("search_path", "\"a\"\"b\"", "\"a\"\"b\"", true)]
    [InlineData("log_statement", "all", "all", true)]
    [InlineData("work_mem", "'4GB'", "4GB", true)]
    [InlineData("work_mem", " 4GB ", "4GB", true)]
    [InlineData("work_mem", "4GB", null, false)]
    [InlineData("application_name", "", "", true)]
    [InlineData("application_name", "a=b", "a=b", true)]
    public void Values_are_compared_by_meaning(string name, string one, string? other, bool same) => Assert.Equal(same, SettingValue.Same(name, one, other));

    [Theory]
    [InlineData("log_statement", true)]
    [InlineData("pg_stat_statements.track", true)]
    [InlineData("a b", false)]
    [InlineData("x to 1; drop role y", false)]
    [InlineData("", false)]
    public void Names_of_settings_are_words_divided_by_dots(string name, bool valid) => Assert.Equal(valid, SettingValue.IsName(name));
}
