namespace Zalando.Postgres.Sdk.Testing.ApiServer;

/// <summary>One fault of an object, as a <c>Status</c> lists it in <c>details.causes</c>.</summary>
/// <param name="Reason">Machine-readable kind of fault, for example <c>FieldValueRequired</c>, <c>FieldValueInvalid</c>, <c>FieldValueForbidden</c>.</param>
/// <param name="Field">Path of the field, for example <c>spec.template.spec.containers[0].image</c>.</param>
/// <param name="Message">What is wrong, without the path, for example <c>Required value</c>.</param>
public sealed record StatusCause(string Reason, string Field, string Message);
