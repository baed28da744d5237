using System.Text;
using Zalando.Postgres.Sdk.Planning.Roles;

namespace Zalando.Postgres.Sdk.Planning.Tests.Roles;

public sealed class StoredPasswordTests
{
    private const string Verifier = "SCRAM-SHA-256$4096:S1ByZWhvYVV5VDlJNGZoVw==$ozLevu5k0pAQYRrSY+vZhetO6+/oB+qZvuutOdXR94U=:yADwhy0LGloXzh5RaVwLMFyUokwI17VkHVfKVuHu0Zs=";

    [Fact]
    public void A_verifier_has_the_keys_that_the_recorded_vector_has()
    {
        var made = ScramVerifier.Create("password", "salt"u8);
        Assert.Equal("SCRAM-SHA-256$4096:c2FsdA==$lF4cRm/Jky763CN4HtxdHnjV4Q8AWTNlKvGmEFFU8IQ=:ub8OgRsftnk2ccDMOt7ffHXNcikRkQkq1lh4xaAqrSw=", made.Reveal());
        Assert.Equal("SCRAM-SHA-256$***", made.ToString());
    }

    [Fact]
    public void The_vector_of_RFC_7677_is_reproduced()
    {
        // RFC 7677 section 3: user "user", password "pencil". Its ServerSignature follows from our ServerKey.
        var salt = Convert.FromBase64String("W22ZaJ0SNY7soEsUEjb6gQ==");
        var serverKey = Convert.FromBase64String(ScramVerifier.Create("pencil", salt).Reveal().Split(':')[^1]);
        const string message = "n=user,r=rOprNGfwEbeRWgbNEkqO,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
        Assert.Equal("6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=", Convert.ToBase64String(System.Security.Cryptography.HMACSHA256.HashData(serverKey, Encoding.ASCII.GetBytes(message))));
    }

    [Theory]
    [InlineData("pencil", "pencil", true)]
    [InlineData("pencil", "Pencil", false)]
    [InlineData("I\u00ADX", "IX", true)]
    [InlineData("a\u00A0b", "a b", true)]
    [InlineData("\u0007", "\u0007", true)]
    [InlineData("пароль", "пароль", true)]
    public void Passwords_are_prepared_before_they_are_compared(string stored, string password, bool same) =>
        Assert.Equal(same, ScramVerifier.TryParse(ScramVerifier.Create(stored, "0123456789abcdef"u8).Reveal())!.Matches(password));

    [Fact]
    public void The_same_password_matches_whatever_the_salt_and_the_iterations()
    {
        foreach (var (salt, iterations) in new[] { ("abc", 1), ("another salt", 4096), ("x", 10000) })
            Assert.True(StoredPassword.Matches(new(ScramVerifier.Create("secret", Encoding.UTF8.GetBytes(salt), iterations).Reveal()), "r", new("secret"), PasswordEncryption.ScramSha256));
    }

    [Fact]
    public void A_hash_of_the_other_form_does_not_match()
    {
        var md5 = StoredPassword.Make("test", new("password"), PasswordEncryption.Md5, default);
        Assert.Equal("md587f77988ccb5aa917c93201ba314fcd4", md5.Reveal());
        Assert.True(StoredPassword.Matches(md5, "test", new("password"), PasswordEncryption.Md5));
        Assert.False(StoredPassword.Matches(md5, "test", new("password"), PasswordEncryption.ScramSha256));
        Assert.False(StoredPassword.Matches(md5, "other", new("password"), PasswordEncryption.Md5));
        Assert.False(StoredPassword.Matches(null, "test", new("password"), PasswordEncryption.Md5));
    }

    [Theory]
    [InlineData(Verifier, true)]
    [InlineData("md592f413f3974bdf3799bb6fecb5f9f2c6", true)]
    [InlineData("md5'; ALTER ROLE x SUPERUSER; -- xx", false)]
    [InlineData("md592F413f3974bdf3799bb6fecb5f9f2c6", false)]
    [InlineData("SCRAM-SHA-256", false)]
    [InlineData("SCRAM-SHA-256'; DROP ROLE postgres; --", false)]
    [InlineData(Verifier + "'", false)]
    [InlineData(Verifier + "\n", false)]
    [InlineData("SCRAM-SHA-256$0:c2FsdA==$ozLevu5k0pAQYRrSY+vZhetO6+/oB+qZvuutOdXR94U=:yADwhy0LGloXzh5RaVwLMFyUokwI17VkHVfKVuHu0Zs=", false)]
    public void Only_exactly_a_verifier_passes_as_one(string text, bool verifier)
    {
        Assert.Equal(verifier, StoredPassword.IsVerifier(text));
        var made = StoredPassword.Make("r", new(text), PasswordEncryption.ScramSha256, "salt"u8).Reveal();
        Assert.Equal(verifier, made == text);
        Assert.True(StoredPassword.Matches(new(made), "r", new(text), PasswordEncryption.ScramSha256));
    }

    [Fact]
    public void An_absurd_number_of_iterations_is_not_computed() =>
        Assert.False(ScramVerifier.TryParse(Verifier.Replace("4096", "999999999", StringComparison.Ordinal))!.Matches("x"));
}
