"""What an operation costs, counted and not timed: system calls, allocations, and if wanted instructions."""
import os
import re
import shutil
import subprocess

#: Operations of the shorter and the longer run, where not the usual ones. Our client opens its four connections with
#: bursts of which now and then one more is needed; among many operations these do not show.
LENGTHS = {"w3": (2_000, 12_000), "w4": (2_000, 12_000), "w5-100k": (50, 150), "w5-1m": (50, 150),
           "w6-1": (6_400, 38_400), "w6-4": (6_400, 38_400), "w7": (50, 150)}
USUAL = (640, 1_920)


def run(command, environment=None):
    result = subprocess.run(command, capture_output=True, text=True, timeout=120, env={**os.environ, **(environment or {})})
    if result.returncode != 0:
        raise OSError((result.stderr.strip().splitlines() or ["status %d" % result.returncode])[-1])
    return result.stderr


def number(pattern, text):
    match = re.search(pattern, text)
    return int(match[1]) if match else None


def system_calls(command, folder):
    """Of all threads; None where neither perf nor strace may count them."""
    if shutil.which("perf"):
        # Into a file: what the driver itself writes comes on the same stream.
        path = os.path.join(folder, "perf")
        run(["perf", "stat", "-x,", "-o", path, "-e", "raw_syscalls:sys_enter", "--"] + command)
        counted = number(r"(?m)^(\d+),[^,]*,raw_syscalls", open(path).read())
        if counted is not None:
            return counted
    if shutil.which("strace"):
        path = os.path.join(folder, "strace")
        run(["strace", "-f", "-c", "-o", path] + command)
        return number(r"(?m)^100\.00 .*?(\d+)(?: +\d+)? total$", open(path).read())
    return None


def instructions(command):
    return number(r"Collected : (\d+)", run(["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"] + command))


def count(cell, server, folder, counter, with_instructions):
    """Per operation: the difference between two run lengths, so what starting costs cancels out."""
    few, many = LENGTHS.get(cell.workload, USUAL)
    own_allocator = cell.command[0] == "php" or "python" in cell.command[0]
    kinds = {"syscalls": lambda command: system_calls(command, folder)}
    if not own_allocator:           # the arenas of PHP and Python hide most allocations
        kinds["allocations"] = lambda command: number(r"mallocs (\d+)", run(command, {"LD_PRELOAD": counter}))
    if with_instructions and shutil.which("valgrind"):
        kinds["instructions"] = instructions
    for kind, measure in kinds.items():
        try:
            low, high = (measure(cell.command + server.arguments + ["--ops", str(ops)]) for ops in (few, many))
        except (OSError, subprocess.TimeoutExpired) as error:
            cell.counts.setdefault("failure", str(error)[:100])
            continue
        if low is not None and high is not None:
            cell.counts[kind] = max(0.0, (high - low) / (many - few))
