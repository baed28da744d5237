namespace Zalando.Postgres.Sdk.Planning;

/// <summary>Who asked for a change.</summary>
public enum Requester
{
    /// <summary>The manifest of the cluster.</summary>
    Manifest,

    /// <summary>The configuration of the operator.</summary>
    OperatorConfiguration,

    /// <summary>Neither of them: the value is a default of this version of the operator.</summary>
    OperatorVersion,

    /// <summary>The members of the team.</summary>
    Team,

    /// <summary>The operator itself: the object is part of every cluster, or a former operation goes on.</summary>
    Operator,

    /// <summary>Somebody or something changed or deleted what the operator owns.</summary>
    ClusterState,

    /// <summary>The date: a rotation or a retention period.</summary>
    Schedule,
}
