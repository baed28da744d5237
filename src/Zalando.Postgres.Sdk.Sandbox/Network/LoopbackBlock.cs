using System.Net;
using System.Net.Sockets;

namespace Zalando.Postgres.Sdk.Sandbox.Network;

/// <summary>The addresses 127.x.0.0/16 of one running sandbox: the upper half is for pods, each gets a new one as on a real cluster; the API server gives the lower half to services.</summary>
/// <remarks>The block is taken by listening on its last address, so two sandboxes never share one, and nothing is left behind by a process that died.</remarks>
internal sealed class LoopbackBlock : IDisposable
{
    private const int FirstBlock = 64;
    private const int Blocks = 63;
    private const int ReservationPort = 8009;
    private const int FirstPodPart = 128;
    private const int PodParts = 120;
    private const int LastPart = 250;

    private readonly Socket _reservation;
    private readonly Lock _lock = new();
    private int _services;
    private int _pods;

    private LoopbackBlock(int number, Socket reservation)
    {
        Number = number;
        _reservation = reservation;
    }

    /// <summary>The x of 127.x.0.0/16.</summary>
    public int Number { get; }

    /// <summary>The address that stands for the node itself.</summary>
    public IPAddress Node => Address(0, 254);

    /// <summary>First address of the block.</summary>
    public IPAddress Network => Address(0, 0);

    public static LoopbackBlock Reserve()
    {
        for (var attempt = 0; attempt < Blocks; attempt++)
        {
            var number = FirstBlock + ((Environment.ProcessId + attempt) % Blocks);
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                socket.Bind(new IPEndPoint(Address(number, 255, 254), ReservationPort));
                socket.Listen(1);
                return new LoopbackBlock(number, socket);
            }
            catch (SocketException)
            {
                socket.Dispose();
            }
        }

        throw new SandboxException($"No free block of loopback addresses: all of 127.{FirstBlock}.0.0/16 to 127.{FirstBlock + Blocks - 1}.0.0/16 are in use by other sandboxes, or this system has only 127.0.0.1.");
    }

    public IPAddress NextService()
    {
        lock (_lock)
        {
            if (_services >= LastPart) throw new SandboxException($"All {LastPart} service addresses of the sandbox are in use.");
            return Address(0, ++_services);
        }
    }

    /// <summary>An address that no pod of this sandbox has had, and on which nothing listens at the ports of a database pod.</summary>
    public IPAddress NextPod()
    {
        lock (_lock)
        {
            while (_pods < PodParts * LastPart)
            {
                var next = _pods++;
                var address = Address(FirstPodPart + (next / LastPart), 1 + (next % LastPart));
                if (IsFree(address, 5432) && IsFree(address, 8008)) return address;
            }
        }

        throw new SandboxException("All pod addresses of the sandbox have been used.");
    }

    /// <summary>Whether an address is one of the services' part.</summary>
    public bool IsService(IPAddress address) => address.GetAddressBytes() is [127, var second, < FirstPodPart, _] && second == Number;

    public void Dispose() => _reservation.Dispose();

    private IPAddress Address(int third, int fourth) => Address(Number, third, fourth);

    private static IPAddress Address(int second, int third, int fourth) => new([127, (byte)second, (byte)third, (byte)fourth]);

    private static bool IsFree(IPAddress address, int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(address, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
