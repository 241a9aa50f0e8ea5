"""Runs the drivers and reads the server's CPU time at the same moments."""
import json
import os
import re
import statistics
import subprocess
import threading

from .servers import die_with_parent


def cores():
    """One core for the server and one for the client: the last two that this process may use, or one for both."""
    usable = sorted(os.sched_getaffinity(0))
    return usable[-2:] if len(usable) > 1 else usable * 2


def be_first():
    """A session of its own and a high weight: what else runs on the machine keeps a few per cent of a core."""
    try:
        os.nice(-15)
        with open("/proc/self/autogroup", "w") as file:
            file.write("-15")
    except OSError:
        pass


def pin(pid, where):
    for task in os.listdir("/proc/%d/task" % pid):
        os.sched_setaffinity(int(task), where)


def cpu_seconds(pid):
    """CPU time of all threads of a process, to the nanosecond."""
    total = 0
    for task in os.listdir("/proc/%d/task" % pid):
        try:
            with open("/proc/%d/task/%s/schedstat" % (pid, task)) as file:
                total += int(file.read().split()[0])
        except OSError:
            pass
    return total / 1e9


def busy_seconds(where):
    """Busy time of some cores so far, whoever used it (10 ms steps)."""
    busy = 0
    with open("/proc/stat") as file:
        for line in file:
            match = re.match(r"cpu(\d+) (.*)", line)
            if match and int(match[1]) in where:
                ticks = list(map(int, match[2].split()))
                busy += sum(ticks[:3]) + sum(ticks[5:8])
    return busy / os.sysconf("SC_CLK_TCK")


def time_cell(cell, server, seconds, repetitions):
    """One launch of a driver. It prints a line as each repetition ends; the first one only sets the marks.

    Keeps for each repetition operations, wall clock, CPU seconds of client and server, and what others used.
    """
    first, last = cores()
    server_cores = {last} if cell.place == "same" else {first}
    pin(server.pid, server_cores)
    arguments = cell.command + server.arguments + ["--secs", str(seconds), "--reps", str(repetitions + 1)]

    def prepare():
        die_with_parent()
        os.sched_setaffinity(0, {last})

    process = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=prepare)
    timer = threading.Timer(30, process.kill)
    timer.daemon = True             # does not outlive an interrupted run
    timer.start()
    results, before = [], None
    for line in process.stdout:
        now = (cpu_seconds(server.pid), busy_seconds(server_cores | {last}))
        if not line.startswith("{"):
            continue
        result = json.loads(line)
        if before is not None and result["ops"] > 0:
            client, served = result["user"] + result["sys"], now[0] - before[0]
            share = (now[1] - before[1] - client - served) / (result["wall"] * len(server_cores | {last}))
            results.append(dict(ops=result["ops"], wall=result["wall"], client=client, server=served,
                                others=max(0.0, share), p50=result.get("p50"), p99=result.get("p99")))
        before = now
    timer.cancel()
    process.wait()
    errors = process.stderr.read().strip().splitlines()
    if process.returncode != 0 or not results:
        cell.failure = (errors[-1] if errors else "ended with status %d" % process.returncode)[:100]
        return
    cell.rounds.append(results)


def rate(cell, result):
    """Operations per second. On one core nothing overlaps, so it is 1 / (CPU time of client and server per operation),
    which what else runs on the machine does not disturb."""
    if cell.place == "same":
        return result["ops"] / (result["client"] + result["server"])
    return result["ops"] / result["wall"]


def summarise(cell, raw):
    """Medians over all repetitions; the ratio is the median over the rounds of the ratio to raw C in the same round."""
    results = [result for one in cell.rounds for result in one]
    if not results:
        return None
    rates = sorted(rate(cell, result) for result in results)
    median = statistics.median(rates)
    low, high = rates[len(rates) // 4], rates[min(len(rates) - 1, 3 * len(rates) // 4)]
    ratios = [statistics.median(rate(cell, x) for x in mine) / statistics.median(rate(raw, x) for x in theirs)
              for mine, theirs in zip(cell.rounds, raw.rounds)] if raw else []
    return dict(
        rate=median,
        spread=(high - low) / median,
        client_us=statistics.median(x["client"] / x["ops"] * 1e6 for x in results),
        server_us=statistics.median(x["server"] / x["ops"] * 1e6 for x in results),
        others=statistics.mean(x["others"] for x in results),
        ratio=statistics.median(ratios) if ratios else None,
        p50=results[0]["p50"] and statistics.median(x["p50"] for x in results),
        p99=results[0]["p99"] and statistics.median(x["p99"] for x in results),
    )
