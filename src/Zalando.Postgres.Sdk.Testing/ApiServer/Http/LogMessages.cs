using Microsoft.Extensions.Logging;

namespace Zalando.Postgres.Sdk.Testing.ApiServer.Http;

internal static partial class LogMessages
{
    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} {Path} failed in the server itself")]
    public static partial void Failed(ILogger logger, Exception exception, string method, string path);
}
