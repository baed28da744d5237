using System.Text.Json.Serialization;

namespace Zalando.Postgres.Sdk.Planning;

/// <summary>One step of a <see cref="Plan"/>.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(CreateObject), "createObject")]
[JsonDerivedType(typeof(PatchObject), "patchObject")]
[JsonDerivedType(typeof(ReplaceObject), "replaceObject")]
[JsonDerivedType(typeof(DeleteObject), "deleteObject")]
[JsonDerivedType(typeof(RecreatePod), "recreatePod")]
[JsonDerivedType(typeof(Switchover), "switchover")]
[JsonDerivedType(typeof(PatchPatroniConfiguration), "patchPatroniConfiguration")]
[JsonDerivedType(typeof(RestartPostgres), "restartPostgres")]
[JsonDerivedType(typeof(ChangeDatabase), "changeDatabase")]
[JsonDerivedType(typeof(UpgradeMajorVersion), "upgradeMajorVersion")]
[JsonDerivedType(typeof(ModifyVolume), "modifyVolume")]
[JsonDerivedType(typeof(GrowFileSystem), "growFileSystem")]
[JsonDerivedType(typeof(ResizePod), "resizePod")]
public abstract record PlannedChange
{
    /// <summary>What is touched.</summary>
    public required ChangeTarget Target { get; init; }

    /// <summary>Why; at least one. Never contains a secret value.</summary>
    public IReadOnlyList<ChangeReason> Reasons { get; init; } = [];

    /// <summary>What the users of the database notice.</summary>
    /// <value>Default: <see cref="Planning.Disruption.None"/>.</value>
    public Disruption Disruption { get; init; }

    /// <summary>Whether the change can be taken back.</summary>
    /// <value>Default: <see cref="Planning.Reversibility.Reversible"/>.</value>
    public Reversibility Reversibility { get; init; }

    /// <summary>Where in a pass the change belongs. Changes of a plan are sorted by it.</summary>
    public ChangeStage Stage { get; init; }
}
