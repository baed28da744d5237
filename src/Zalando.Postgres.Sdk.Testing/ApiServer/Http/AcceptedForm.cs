namespace Zalando.Postgres.Sdk.Testing.ApiServer.Http;

/// <summary>The form of answer a client asked for with <c>Accept</c>.</summary>
/// <param name="Yaml">Whether YAML is wanted.</param>
/// <param name="Protobuf">Whether protobuf is wanted (only the content type is served).</param>
/// <param name="As"><c>Table</c>, <c>PartialObjectMetadata</c>, <c>PartialObjectMetadataList</c>, <c>APIGroupDiscoveryList</c> or empty.</param>
/// <param name="ContentType">Content type of the answer.</param>
internal sealed record AcceptedForm(bool Yaml, bool Protobuf, string As, string ContentType)
{
    public static AcceptedForm Json { get; } = new(false, false, "", "application/json");

    /// <summary>Chooses the first acceptable form.</summary>
    /// <param name="accept">The header.</param>
    /// <param name="allowed">Names of <c>as</c> that this path can answer with.</param>
    /// <exception cref="ApiStatusException">406: nothing acceptable.</exception>
    public static AcceptedForm Of(string? accept, params ReadOnlySpan<string> allowed)
    {
        if (string.IsNullOrWhiteSpace(accept)) return Json;
        var clauses = new List<(double Quality, int Order, string Media, Dictionary<string, string> Parameters)>();
        var order = 0;
        foreach (var part in accept.Split(','))
        {
            var pieces = part.Split(';');
            var parameters = new Dictionary<string, string>(StringComparer.Ordinal);
            var quality = 1.0;
            foreach (var piece in pieces[1..])
            {
                var equals = piece.IndexOf('=');
                if (equals < 0) continue;
                var key = piece[..equals].Trim();
                var value = piece[(equals + 1)..].Trim();
                if (key == "q") _ = double.TryParse(value, out quality);
                else parameters[key] = value;
            }

            clauses.Add((quality, order++, pieces[0].Trim(), parameters));
        }

        // Protobuf bodies are not made: whoever takes JSON as well gets JSON.
        foreach (var (_, _, media, parameters) in clauses.OrderBy(static c => c.Media == "application/vnd.kubernetes.protobuf").ThenByDescending(static c => c.Quality).ThenBy(static c => c.Order))
        {
            if (media is not ("application/json" or "application/yaml" or "application/vnd.kubernetes.protobuf" or "*/*")) continue;
            var form = parameters.GetValueOrDefault("as", "");
            if (form.Length > 0)
            {
                var version = parameters.GetValueOrDefault("v", "");
                var group = parameters.GetValueOrDefault("g", "");
                if (!allowed.Contains(form)) continue;
                if (form == "APIGroupDiscoveryList" ? group != "apidiscovery.k8s.io" || version != "v2" : group != "meta.k8s.io" || version != "v1") continue;
            }

            var yaml = media == "application/yaml";
            var protobuf = media == "application/vnd.kubernetes.protobuf";
            var contentType = yaml ? "application/yaml" : protobuf ? media : "application/json";
            if (form == "APIGroupDiscoveryList") contentType += ";g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
            return new AcceptedForm(yaml, protobuf, form, contentType);
        }

        throw clauses.Any(static c => c.Parameters.ContainsKey("as"))
            ? new ApiStatusException(406, "NotAcceptable", "only the following media types are accepted: application/json, application/yaml, application/vnd.kubernetes.protobuf")
            : StatusErrors.NotAcceptable();
    }
}
