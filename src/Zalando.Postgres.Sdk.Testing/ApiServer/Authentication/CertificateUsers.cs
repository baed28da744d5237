using System.Security.Cryptography.X509Certificates;

namespace Zalando.Postgres.Sdk.Testing.ApiServer.Authentication;

/// <summary>A client certificate names its user in CN and the groups in O.</summary>
internal static class CertificateUsers
{
    public static RequestUser Of(X509Certificate2 certificate)
    {
        var groups = new List<string>();
        var name = "";
        foreach (var part in certificate.SubjectName.EnumerateRelativeDistinguishedNames())
        {
            if (part.HasMultipleElements) continue;
            switch (part.GetSingleElementType().Value)
            {
                case "2.5.4.3": name = part.GetSingleElementValue() ?? ""; break;
                case "2.5.4.10" when part.GetSingleElementValue() is { } group: groups.Add(group); break;
            }
        }

        return TokenAuthenticator.WithAuthenticated(new RequestUser(name, null, groups));
    }
}
