using Zalando.Postgres.Sdk.Database.Tests.Servers;
using Zalando.Postgres.Sdk.Planning.Roles;

namespace Zalando.Postgres.Sdk.Database.Tests;

public sealed class PreparedPasswordTests(PostgresTemplate postgres)
{
    private static readonly string[] Passwords =
    [
        "plain", "ﬁnance", "Å", "A\u030A", "a\u0323\u0307", "a\u0307\u0323", "Ⅳ", "한글", "\u1112\u1161\u11AB\u1100\u1173\u11AF", "soft\u00ADhyphen", "no\u00A0break", "zero\u200Bwidth", "joiner\u200Dx", "\u200E mark",
        "aא", "אב", "א1", "ｆｕｌｌ", "①②", "ß", "ẛ̣", "🐘", "\uFB2C", "\u0958", "½", "ﷺ", "tab\té", "é\u007F", "𝐛𝐨𝐥𝐝", "\u2126", "ς", "Ǆ", "\u0344", "\u00AD", "ά\u0345", "\u0F71\u0F72\u0F74", "한\u11A8", "\u1100\u1161\u11A8",
    ];

    [Fact]
    public async Task A_verifier_made_here_lets_the_servers_own_client_in_with_every_password()
    {
        await using var instance = await postgres.StartAsync();
        var convergence = new Convergence(instance, new() { Users = Passwords.Select((_, i) => $"u{i}").ToDictionary(n => n, _ => (IReadOnlyList<string>?)[]) })
        {
            Password = r => r.Name[0] == 'u' && int.TryParse(r.Name.AsSpan(1), out var i) ? Passwords[i] : "other",
        };
        Assert.Empty((await convergence.ConvergeAsync()).Changes);
        var refused = new List<string>();
        for (var i = 0; i < Passwords.Length; i++)
        {
            var answer = await PostgresPrograms.PsqlAsync(instance.Port, $"u{i}", Passwords[i]);
            if (answer != $"u{i}") refused.Add($"{string.Join(' ', Passwords[i].EnumerateRunes().Select(r => $"U+{r.Value:X4}"))}: {answer}");
        }

        Assert.Empty(refused);
    }

    [Fact]
    public async Task The_compatibility_composition_is_the_servers_for_every_character()
    {
        await using var instance = await postgres.StartAsync();
        var tables = await instance.RowsAsync("postgres", "SELECT string_agg(to_hex(c) || '=' || (SELECT string_agg(to_hex(ascii(x)), '+') FROM regexp_split_to_table(normalize(chr(c), NFKC), '') x), ' ' ORDER BY c) FROM generate_series(160, 195101) c WHERE (c < 55296 OR c > 57343) AND normalize(chr(c), NFKC) <> chr(c)");
        var wrong = new List<string>();
        foreach (var word in tables.Single().Split(' '))
        {
            var parts = word.Split('=');
            var character = Convert.ToInt32(parts[0], 16);
            var expected = string.Concat(parts[1].Split('+').Select(h => char.ConvertFromUtf32(Convert.ToInt32(h, 16))));
            var ours = System.Text.Encoding.UTF8.GetString(SaslPrep.ToBytes("x" + char.ConvertFromUtf32(character) + "x"));
            var raw = "x" + char.ConvertFromUtf32(character) + "x";
            // A mark would be composed with the letter before it.
            if (character == 0x344) continue;
            // Forbidden ones stay as they are; spaces are mapped before.
            if (ours != "x" + expected + "x" && ours != raw && ours != "x x") wrong.Add(word + " ours " + string.Join('+', ours.EnumerateRunes().Select(r => r.Value.ToString("x"))));
        }

        Assert.Empty(wrong);
    }
}
