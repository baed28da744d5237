"""pkill for commands inside a pod of the sandbox: pods share the machine's processes, so only those of the pod itself are hit.

    pkill [-SIGNAL] [-f] [-x] PATTERN      name or number of a signal; -f looks at the whole command line; -x wants the whole name
"""
import os
import re
import signal
import sys


def read(pid, name):
    try:
        with open("/proc/%s/%s" % (pid, name), "rb") as file:
            return file.read()
    except OSError:
        return b""


def number(text):
    if text.isdigit():
        return int(text)
    name = text.upper() if text.upper().startswith("SIG") else "SIG" + text.upper()
    if not hasattr(signal, name):
        sys.exit("pkill: there is no signal " + text)
    return int(getattr(signal, name))


def main(arguments):
    chosen, full, exact, pattern = signal.SIGTERM, False, False, None
    for argument in arguments:
        if argument == "-f":
            full = True
        elif argument == "-x":
            exact = True
        elif argument.startswith("--signal="):
            chosen = number(argument[9:])
        elif argument.startswith("-") and len(argument) > 1:
            chosen = number(argument[1:])
        else:
            pattern = argument
    if pattern is None:
        sys.exit(__doc__)
    parents = {}
    for pid in filter(str.isdigit, os.listdir("/proc")):
        fields = read(pid, "stat").rpartition(b")")[2].split()
        if len(fields) > 1 and fields[0] != b"Z":
            parents[int(pid)] = int(fields[1])
    top, hit = int(os.environ["SANDBOX_CONTAINER"]), False
    for pid in sorted(parents):
        above = parents[pid]
        while above in parents and above != top:
            above = parents[above]
        if above != top:
            continue
        text = read(pid, "cmdline").replace(b"\0", b" ") if full else read(pid, "comm").strip()
        found = re.fullmatch if exact else re.search
        if found(pattern, text.decode("utf-8", "replace").strip()):
            try:
                os.kill(pid, chosen)
                hit = True
            except ProcessLookupError:
                pass
    sys.exit(0 if hit else 1)


main(sys.argv[1:])
