namespace Zalando.Postgres.Sdk.Resources.Kubernetes.Defaults;

internal enum FieldForm
{
    Raw,
    Text,
    Boolean,
    Integer,
    Quantity,
    Object,
    List,
    Map,
}
