"""Whether the driver keeps its contract: every workload in both modes, and a reply that is wrong."""
import json
import subprocess
import sys
import time

from .plan import TITLES, operation, server_of
from .servers import KEYS, Servers, value

FIELDS = {"rep", "ops", "wall", "user", "sys", "vcsw", "icsw"}
MODES = ("task", "loop")


def check(driver):
    failures = []

    def run(name, arguments, wanted, fields=FIELDS):
        done = subprocess.run([driver] + arguments, capture_output=True, text=True, timeout=60)
        try:
            lines = [json.loads(line) for line in done.stdout.splitlines()]
        except json.JSONDecodeError:
            lines = []
        if done.returncode != 0 or len(lines) != 1 or not fields <= lines[0].keys() or lines[0]["ops"] < wanted:
            failures.append("%s: status %d, %s" % (name, done.returncode, (done.stdout + done.stderr).strip()[:300]))

    with Servers() as servers:
        for workload in [*TITLES, "w7p"]:
            for mode in MODES:
                server = servers["sasl" if workload == "w7p" else server_of(workload)]
                arguments = ["--mode", mode, *operation(workload), *server.arguments, "--ca", servers.certificate]
                fields = FIELDS | {"p50", "p99", "p999"} if workload.startswith("w6") else FIELDS
                run("%s, %s" % (workload, mode), arguments + ["--ops", "100"], 64 if "w6" in workload else 100, fields)
        for mode in MODES:
            plain = servers["plain"].arguments
            run("w5, %s-set" % mode, ["w5", "--value", "10240", "--mode", mode + "-set", *plain, "--ops", "100"], 100)
            run("w8 of variables, %s" % mode, ["w8", "--as", "text", "--mode", mode, *plain, "--ops", "100"], 100)
            run("timed, %s" % mode, ["w1", "--mode", mode, *plain, "--reps", "1", "--secs", "0.05"], 1)
        run("a list of servers", ["w1", "--servers", "127.0.0.1:%d" % servers["plain"].port, "--ops", "100"], 100)
        failures += stored_values(driver, servers["plain"])
        failures += wrong_values(driver, servers["plain"])
        failures += missing_values(driver, servers["plain"])

    for failure in failures:
        print("error: " + failure, file=sys.stderr)
    if not failures:
        print("memcached-bench: every workload in %s mode, and a wrong value ends it." % " and ".join(MODES))
    return 1 if failures else 0


def wrong_values(driver, server):
    """A value that is not what it was has to end each workload that reads."""
    failures = []
    for arguments, key, size in ((["w1"], "bench:key:%06d", 100), (["w3"], "bench:key:%06d", 100),
                                 (["w6", "--conns", "1"], "bench:key:%06d", 100),
                                 (["w5", "--value", "10240"], "bench:big:0010240", 10240)):
        process = subprocess.Popen([driver, *arguments, *server.arguments, "--reps", "1", "--secs", "20"],
                                   stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        time.sleep(1)
        keys = [key % i for i in range(KEYS)] if "%" in key else [key]
        server.store((name, value(size - 1)) for name in keys)
        try:
            error = process.communicate(timeout=10)[1]
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            error = "still running"
        if process.returncode != 1 or "a wrong value of %d bytes" % (size - 1) not in error:
            failures.append("%s did not notice a wrong value: %s" % (arguments[0], error.strip()[:300]))
        server.preload()
    return failures


def stored_values(driver, server):
    """What the driver's own preload stores it finds again."""
    for arguments in (["preload", "--value", "500"], ["w5", "--value", "500", "--ops", "1"]):
        done = subprocess.run([driver, *arguments, *server.arguments], capture_output=True, text=True, timeout=60)
        if done.returncode != 0:
            return ["%s: status %d, %s" % (arguments[0], done.returncode, done.stderr.strip()[:300])]
    return []


def missing_values(driver, server):
    done = subprocess.run([driver, "w5", "--value", "777", *server.arguments], capture_output=True, text=True, timeout=60)
    if done.returncode == 1 and "is not stored" in done.stderr:
        return []
    return ["a value that is not stored was not noticed: status %d" % done.returncode]
