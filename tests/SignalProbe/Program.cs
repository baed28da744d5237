using System.Runtime.InteropServices;
using Zalando.Postgres.Sdk.Testing.ApiServer;

// A program that the in-memory API server is a part of. With the argument "decides" it takes signals itself: it names the first one, goes on until a line comes in,
// and ends with 7. Otherwise signals do what they do in any program.
var signalled = new TaskCompletionSource<PosixSignal>(TaskCreationOptions.RunContinuationsAsynchronously);
PosixSignal[] taken = args is ["decides"] ? [PosixSignal.SIGINT, PosixSignal.SIGTERM] : [];
var registrations = taken.Select(s => PosixSignalRegistration.Create(s, context =>
{
    context.Cancel = true;
    signalled.TrySetResult(context.Signal);
})).ToArray();
await using (var server = await InMemoryApiServer.StartAsync(new ApiServerOptions()))
{
    Console.WriteLine(server.Url);
    Console.WriteLine(await signalled.Task);
    await Console.In.ReadLineAsync();
}

foreach (var registration in registrations) registration.Dispose();
return 7;
