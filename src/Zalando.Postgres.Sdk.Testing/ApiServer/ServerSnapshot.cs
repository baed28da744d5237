using Zalando.Postgres.Sdk.Testing.ApiServer.Kinds;
using Zalando.Postgres.Sdk.Testing.ApiServer.Pipeline;
using Zalando.Postgres.Sdk.Testing.ApiServer.Storage;

namespace Zalando.Postgres.Sdk.Testing.ApiServer;

/// <summary>All objects and custom kinds that a server had at one moment, to begin other servers with, any number of times: a test prepares a state once and tries
/// many things from there. Taken by <see cref="InMemoryApiServer.TakeSnapshot"/>, given by <see cref="ApiServerOptions.Snapshot"/>.</summary>
/// <remarks>It holds no copy: states of objects never change. Servers that begin with it make new uids, so give them another <see cref="ApiServerOptions.Random"/>.</remarks>
public sealed class ServerSnapshot
{
    private readonly IReadOnlyList<(string Resource, StoredObject Stored)> _objects;
    private readonly IReadOnlyDictionary<string, IReadOnlyList<ServedKind>> _custom;
    private readonly long _version;

    private ServerSnapshot(IReadOnlyList<(string Resource, StoredObject Stored)> objects, IReadOnlyDictionary<string, IReadOnlyList<ServedKind>> custom, long version)
    {
        _objects = objects;
        _custom = custom;
        _version = version;
    }

    internal static ServerSnapshot Of(ObjectPipeline pipeline)
    {
        lock (pipeline.Store.Gate)
        {
            return new ServerSnapshot([.. pipeline.Store.Resources.SelectMany(r => pipeline.Store.List(r, null).Select(o => (r, o)))], pipeline.Kinds.Custom(), pipeline.Store.Version);
        }
    }

    internal void LoadInto(ObjectPipeline pipeline)
    {
        lock (pipeline.Store.Gate)
        {
            foreach (var (resource, stored) in _objects) pipeline.Store.Load(resource, stored);
            pipeline.Kinds.SetCustom(_custom);
            pipeline.Store.AdvanceTo(_version);
        }
    }
}
