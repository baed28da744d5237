namespace Zalando.Postgres.Sdk.Volumes.Ebs.Ec2;

/// <summary>A volume as EC2 describes it. Size in GiB, throughput in MiB a second; zero where the type knows none.</summary>
internal sealed record EbsVolume(string Id, string Type, int Size, int Iops, int Throughput, IReadOnlyDictionary<string, string> Tags);
