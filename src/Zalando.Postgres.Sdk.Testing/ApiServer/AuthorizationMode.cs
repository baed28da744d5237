namespace Zalando.Postgres.Sdk.Testing.ApiServer;

/// <summary>Who may do what.</summary>
public enum AuthorizationMode
{
    /// <summary>Everyone may do everything.</summary>
    AlwaysAllow,

    /// <summary>Roles and bindings decide, as in a real cluster.</summary>
    Rbac,
}
