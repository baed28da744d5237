namespace Zalando.Postgres.Sdk.Database.Tests.Engine;

/// <summary>Tests that listen to all traces of the process: others would speak in between.</summary>
[CollectionDefinition("whole operator", DisableParallelization = true)]
public sealed class WholeOperatorCollection;
