using Zalando.Postgres.Sdk.Planning;
using Zalando.Postgres.Sdk.Reconciliation.Observation;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Configuration;

namespace Zalando.Postgres.Sdk.Reconciliation.Tests.Observation;

public sealed class ClusterObserverTests
{
    // A slot whose reader is not known is removed under it. So a look says of itself whether the readers were listed before it.
    [Fact]
    public void A_look_says_whether_event_streams_were_listed_when_it_began()
    {
        var store = new ObjectStore();
        var observer = new ClusterObserver(store, "operators");
        var manifest = new Postgresql { Metadata = new() { Name = "acid-shop", Namespace = "default" } };
        var settings = OperatorSettings.From(new OperatorConfiguration { Form = ConfigurationForm.ConfigMap, Configuration = new OperatorParameters() });
        var before = observer.Observe(manifest, settings);
        store.MarkComplete(FabricEventStream.Descriptor);
        Assert.Equal(EventStreamKnowledge.NotListed, before.EventStreams);
        Assert.Equal(EventStreamKnowledge.Listed, observer.Observe(manifest, settings).EventStreams);
    }
}
