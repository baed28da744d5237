"""Runs the program of one container and owns every process that comes from it, as process 1 of a real container does.

    container-process.py main AGAIN -- PROGRAM ARG...        commands arrive as lines on standard input
    container-process.py exec LIFELINE -- PROGRAM ARG...     standard input belongs to the program; LIFELINE is a named pipe

Processes that lose their parent are handed to this one (PR_SET_CHILD_SUBREAPER): PostgreSQL, which Patroni starts in a session of
its own, is found too. When the program ends, all that is left is killed, and the exit code is the program's (128 + signal).
When the other end of standard input (main) or of the named pipe (exec) is closed, because the sandbox has died, everything is killed.

main: when the program ends and the file AGAIN is there, the file is removed and the program is started again, as the image's own
supervisor does; whatever else runs goes on.
exec: what the program leaves behind in the background goes on after it, and ends with the container, whose process 1 the environment
variable SANDBOX_CONTAINER names.

Commands: "stop SECONDS" asks the program to end and kills after the grace period, "kill" kills all at once, "signal NUMBER" sends one.
"""
import ctypes
import os
import select
import signal
import sys
import time

SET_PDEATHSIG, SET_CHILD_SUBREAPER = 1, 36


def prctl(option, value):
    ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0)


def family():
    """Process ids of all that descends from this process."""
    children = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open("/proc/" + name + "/stat", "rb") as file:
                    parent = int(file.read().rpartition(b")")[2].split()[1])
            except (OSError, IndexError, ValueError):
                continue
            children.setdefault(parent, []).append(int(name))
    found, look = [], [os.getpid()]
    while look:
        for pid in children.get(look.pop(), ()):
            found.append(pid)
            look.append(pid)
    return found


def send(pid, number):
    try:
        os.kill(pid, number)
    except (ProcessLookupError, PermissionError):
        pass


def reap(main):
    """Collects dead children; the wait status of the main program when it was among them."""
    status = None
    while True:
        try:
            pid, code = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return status
        if pid == 0:
            return status
        if pid == main:
            status = code


def kill_family(main):
    """Kills until nobody is left: a process may fork while the list is made."""
    status, pause = None, 0.005
    while True:
        pids = family()
        for pid in pids:
            send(pid, signal.SIGKILL)
        code = reap(main)
        status = code if code is not None else status
        if not pids:
            return status
        time.sleep(pause)
        pause = min(pause * 2, 0.1)


def start(command, watched):
    pid = os.fork()
    if pid:
        return pid
    try:
        prctl(SET_PDEATHSIG, signal.SIGKILL)
        os.setpgid(0, 0)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGPIPE):
            signal.signal(number, signal.SIG_DFL)
        signal.set_wakeup_fd(-1)
        if watched == 0:
            null = os.open(os.devnull, os.O_RDONLY)
            os.dup2(null, 0)
        os.execvpe(command[0], command, os.environ)
    except OSError as error:
        os.write(2, ("%s: %s\n" % (command[0], error.strerror)).encode())
        os._exit(127 if isinstance(error, FileNotFoundError) else 126)


def take(path):
    try:
        os.unlink(path)
        return True
    except OSError:
        return False


def report(end, status):
    """Tells the process that answers for the program how it ended, and lets go of the program's streams."""
    os.write(end, b"%d" % status)
    os.close(end)
    null = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(null, stream)


def answer(end):
    """Ends as the program did, while what it left behind goes on."""
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    text = b""
    while True:
        part = os.read(end, 64)
        if not part:
            break
        text += part
    leave(int(text) if text else 9)


def leave(status):
    sys.exit(128 + os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status))


def main(arguments):
    split = arguments.index("--")
    mode, command = arguments[:split], arguments[split + 1:]
    is_main = mode[0] == "main"
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    poll = select.poll()
    result = None
    if is_main:
        watched = 0
        take(mode[1])
    else:
        watched = os.open(mode[1], os.O_RDONLY | os.O_NONBLOCK)
        end, result = os.pipe()
        if os.fork():
            os.close(result)
            answer(end)
        os.close(end)
        try:
            container = os.pidfd_open(int(os.environ["SANDBOX_CONTAINER"]))
        except OSError:
            sys.exit(137)
        poll.register(container, select.POLLIN)
    prctl(SET_CHILD_SUBREAPER, 1)
    wake, waker = os.pipe()
    for end in (wake, waker):
        os.set_blocking(end, False)
    signal.set_wakeup_fd(waker)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    program = start(command, watched)
    poll.register(wake, select.POLLIN)
    poll.register(watched, select.POLLIN | select.POLLHUP)
    text, deadline, status = b"", None, None
    while status is None:
        left = None if deadline is None else max(0, int((deadline - time.monotonic()) * 1000) + 1)
        events = dict(poll.poll(left))
        if wake in events:
            try:
                os.read(wake, 4096)
            except BlockingIOError:
                pass
            status = reap(program)
            if status is not None and is_main and deadline is None and take(mode[1]):
                program, status = start(command, watched), None
            elif status is not None and result is not None and family():
                report(result, status)
                program, status, result = None, None, None
            elif not is_main and result is None and not family():
                return
        if not is_main and status is None and container in events:
            status = kill_family(program)
            break
        if status is None and deadline is not None and time.monotonic() >= deadline:
            status = kill_family(program)
            break
        if status is None and watched in events:
            data = os.read(watched, 4096) if events[watched] & select.POLLIN else b""
            if not data:
                status = kill_family(program)
                break
            text += data
            while b"\n" in text:
                line, _, text = text.partition(b"\n")
                words = line.decode("ascii", "replace").split()
                if words[:1] == ["stop"]:
                    deadline = time.monotonic() + float(words[1])
                    send(program, signal.SIGTERM)
                elif words[:1] == ["signal"]:
                    send(program, int(words[1]))
                elif words[:1] == ["kill"]:
                    status = kill_family(program)
    rest = kill_family(program)
    status = status if status is not None else rest if rest is not None else 9
    if is_main:
        leave(status)
    if result is not None:
        report(result, status)


main(sys.argv[1:])
