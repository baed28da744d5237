namespace Zalando.Postgres.Sdk.Conformance.Clients;

internal sealed record ProgramResult(int Code, string Output, string Errors)
{
    public override string ToString() => $"ended with {Code}\n{Output}{Errors}";
}
