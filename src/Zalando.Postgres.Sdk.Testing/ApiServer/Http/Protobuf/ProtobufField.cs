namespace Zalando.Postgres.Sdk.Testing.ApiServer.Http.Protobuf;

/// <summary>One field of a message.</summary>
/// <param name="Name">Its name in JSON; of an inline message, the message's name.</param>
/// <param name="KeepsZero">Whether zero means something else than absence.</param>
/// <param name="IsInline">Whether the fields of the message belong to the outer object.</param>
internal sealed record ProtobufField(string Name, bool KeepsZero, bool IsInline);
