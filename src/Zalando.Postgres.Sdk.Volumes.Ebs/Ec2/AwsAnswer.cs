using System.Globalization;
using System.Net;
using System.Xml;
using System.Xml.Linq;

namespace Zalando.Postgres.Sdk.Volumes.Ebs.Ec2;

/// <summary>An XML answer of a Query API, or a part of it. Namespaces are left aside: they carry the version only.</summary>
internal sealed class AwsAnswer(XElement element)
{
    private const int MostCharacters = 1 << 20;
    private const int MostWords = 1000;

    public static AwsAnswer Read(string action, HttpStatusCode status, string text, IReadOnlyList<string> secrets)
    {
        AwsAnswer? answer = null;
        try
        {
            using var reader = XmlReader.Create(new StringReader(text), new XmlReaderSettings
            {
                DtdProcessing = DtdProcessing.Prohibit,
                XmlResolver = null,
                MaxCharactersInDocument = MostCharacters,
            });
            answer = new AwsAnswer(XElement.Load(reader));
        }
        catch (XmlException)
        {
            // Told below together with the status; an exception's text could hold pieces of the answer.
        }

        if (status == HttpStatusCode.OK) return answer ?? throw new EbsException($"{action}: the answer is no XML.") { Status = status };
        var error = answer?.Find("Error");
        var code = error?.Text("Code");
        var words = code is null ? $"{action}: answered {(int)status} without an error of the API." : $"{action}: {code}: {error!.Text("Message")} ({(int)status})";
        foreach (var secret in secrets.Where(s => s.Length > 0)) words = words.Replace(secret, "(secret)", StringComparison.Ordinal);
        throw new EbsException(words.Length <= MostWords ? words : words[..MostWords] + "…") { Code = code, Status = status };
    }

    public AwsAnswer Descendant(string name) => Find(name) ?? throw new EbsException($"The answer {element.Name.LocalName} has no {name}.");

    public IEnumerable<AwsAnswer> Items(string set) =>
        element.Elements().Where(e => e.Name.LocalName == set).Elements().Where(e => e.Name.LocalName == "item").Select(e => new AwsAnswer(e));

    public string? Text(string name) => element.Elements().FirstOrDefault(e => e.Name.LocalName == name)?.Value.Trim() is { Length: > 0 } value ? value : null;

    public string Required(string name) => Text(name) ?? throw new EbsException($"The answer {element.Name.LocalName} has no {name}.");

    public int Number(string name) => Text(name) is not { } text ? 0
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
        : throw new EbsException($"The answer {element.Name.LocalName} has a {name} that is no number.");

    public DateTimeOffset? Time(string name) => Text(name) is not { } text ? null
        : DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time
        : throw new EbsException($"The answer {element.Name.LocalName} has a {name} that is no time.");

    private AwsAnswer? Find(string name) => element.Descendants().FirstOrDefault(e => e.Name.LocalName == name) is { } found ? new AwsAnswer(found) : null;
}
