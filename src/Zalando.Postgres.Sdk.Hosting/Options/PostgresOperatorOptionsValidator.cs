using Microsoft.Extensions.Options;

namespace Zalando.Postgres.Sdk.Hosting.Options;

/// <summary>Checks the options before the operator starts.</summary>
[OptionsValidator]
internal sealed partial class PostgresOperatorOptionsValidator : IValidateOptions<PostgresOperatorOptions>;
