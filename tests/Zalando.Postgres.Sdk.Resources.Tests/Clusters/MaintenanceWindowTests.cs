using System.Globalization;

namespace Zalando.Postgres.Sdk.Resources.Tests.Clusters;

public sealed class MaintenanceWindowTests
{
    [Theory]
    [InlineData("01:00-06:00", "2026-01-05T01:00:00Z", true)]
    [InlineData("01:00-06:00", "2026-01-05T06:00:59Z", true)]
    [InlineData("01:00-06:00", "2026-01-05T06:01:00Z", false)]
    [InlineData("01:00-06:00", "2026-01-05T02:30:00+01:00", true)]
    [InlineData("01:00-06:00", "2026-01-05T01:30:00+01:00", false)]
    [InlineData("Mon:01:00-06:00", "2026-01-05T03:00:00Z", true)]
    [InlineData("Mon:01:00-06:00", "2026-01-06T03:00:00Z", false)]
    [InlineData("Mon:23:00-02:00", "2026-01-05T23:30:00Z", true)]
    [InlineData("Mon:23:00-02:00", "2026-01-06T01:30:00Z", true)]
    [InlineData("Mon:23:00-02:00", "2026-01-05T01:30:00Z", false)]
    public void A_moment_is_inside_or_outside(string text, string moment, bool inside)
    {
        Assert.True(MaintenanceWindow.TryParse(text, out var window));
        Assert.Equal(inside, window.Contains(DateTimeOffset.Parse(moment, CultureInfo.InvariantCulture)));
    }

    [Theory]
    [InlineData("1:00-6:00", "01:00-06:00")]
    [InlineData(" Sat:20:5-23:59 ", "Sat:20:05-23:59")]
    public void A_window_is_written_with_two_digits(string text, string written)
    {
        Assert.True(MaintenanceWindow.TryParse(text, out var window));
        Assert.Equal(written, window.ToString());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("01:00")]
    [InlineData("24:00-25:00")]
    [InlineData("Mon:01:00-Mon:02:00")]
    [InlineData("mon:01:00-02:00")]
    [InlineData("01:00-02:00-03:00")]
    [InlineData("01:60-02:00")]
    public void Other_texts_are_no_windows(string? text) => Assert.False(MaintenanceWindow.TryParse(text, out _));

    [Fact]
    public void The_next_opening_is_the_moment_itself_or_the_next_start()
    {
        Assert.True(MaintenanceWindow.TryParse("Sun:03:00-04:00", out var window));

        Assert.Equal(new DateTimeOffset(2026, 1, 11, 3, 0, 0, TimeSpan.Zero), window.NextOpening(new DateTimeOffset(2026, 1, 5, 0, 0, 0, TimeSpan.Zero)));
        Assert.Equal(new DateTimeOffset(2026, 1, 11, 3, 30, 0, TimeSpan.Zero), window.NextOpening(new DateTimeOffset(2026, 1, 11, 3, 30, 0, TimeSpan.Zero)));
    }
}
