namespace Zalando.Postgres.Sdk.Planning;

/// <summary>Annotations of database pods that executing a plan writes and the next plan reads.</summary>
public static class PodNotes
{
    /// <summary>The pod is to get the amounts of cpu and memory of its template while it runs: since when, or why that was refused (<see cref="ResizeRefused"/>).
    /// In the cluster, so that the work survives the operator.</summary>
    public const string ResizeInPlace = "acid.zalan.do/resize-in-place";

    /// <summary>What a note begins with that says why the server does not resize the pod.</summary>
    public const string ResizeRefused = "refused: ";
}
