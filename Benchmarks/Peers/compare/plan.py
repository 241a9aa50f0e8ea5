"""Who is measured, and in what."""
import os
import re
from dataclasses import dataclass, field

from .servers import LARGE

PEERS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
RAW = "raw C"
TASK, LOOP = "us, task", "us, loop"
#: In the order of the table; what is shown in the README.
CLIENTS = [RAW, TASK, LOOP, "libmemcached (C)", "php-memcached", "pylibmc", "python-binary-memcached"]
#: In the full table only, and in one workload.
PHP_SESSIONS = "PHP's session handler"
TITLES = {
    "w1": "GET 100 B, one in flight",
    "w2": "SET 100 B, one in flight",
    "w3": "multi-get of 100, per key",
    "w4": "multi-set of 100 with outcomes, per key",
    "w5-10k": "GET 10 KB",
    "w5-100k": "GET 100 KB",
    "w5-1m": "GET 1 MB",
    "w6-1": "GET by 64 tasks, 1 connection",
    "w6-4": "GET by 64 tasks, 4 connections",
    "w7": "connect, SASL PLAIN, GET, close",
    "w8": "session: lock, read, write 1,000 B, unlock",
    "w9": "GET over TLS",
}


@dataclass
class Cell:
    """One client in one workload at one placement."""
    workload: str
    client: str
    command: list
    place: str
    server: str
    note: str = ""
    rounds: list = field(default_factory=list)
    counts: dict = field(default_factory=dict)
    failure: str = ""

    def __str__(self):
        return "%s %s %s" % (self.workload, self.place, self.client)


def server_of(workload):
    return {"w7": "sasl", "w9": "tls"}.get(workload, "plain")


def operation(workload):
    """The driver's name of a workload, and its options."""
    if workload.startswith("w5-"):
        return ["w5", "--value", str(LARGE[workload[3:]])]
    if workload.startswith("w6-"):
        return ["w6", "--conns", workload[3:]]
    return [workload]


def session_handler(place):
    """What `session_start()` and `session_write_close()` cost, with PHP's own locks."""
    return Cell("w8", PHP_SESSIONS, ["php", os.path.join(PEERS, "php/bench.php"), "w8s"], place, "plain")


def commands(build, driver, certificate):
    """The program of each client, by name, and the workloads that it has."""
    python = [os.path.join(build, "venv/bin/python"), os.path.join(PEERS, "python/bench.py")]
    everything = list(TITLES)

    def without(*names):
        return [w for w in everything if w not in names]

    us = [driver, "--ca", certificate, "--mode"]
    return {
        RAW: ([os.path.join(build, "raw")], everything, []),
        TASK: (us + ["task"], everything, []),
        LOOP: (us + ["loop"], everything, []),
        "libmemcached (C)": ([os.path.join(build, "libmemcached")], without("w9"), []),
        "php-memcached": (["php", os.path.join(PEERS, "php/bench.php")], without("w6-1", "w6-4", "w9"), []),
        "pylibmc": (python, without("w9"), ["--client", "pylibmc"]),
        "python-binary-memcached": (python, without("w6-1", "w6-4"), ["--client", "bmemcached"]),
    }


def cells(build, driver, certificate, places, only):
    """All cells whose text matches, workload by workload."""
    found = []
    clients = commands(build, driver, certificate)
    for place in places:
        for workload in TITLES:
            for client in CLIENTS:
                program, workloads, options = clients[client]
                if workload not in workloads:
                    continue
                extra = ["--mode", "tls"] if workload == "w9" and client.startswith("python") else []
                command = program + operation(workload) + options + extra
                cell = Cell(workload, client, command, place, server_of(workload))
                if re.search(only, str(cell)) or client == RAW:
                    found.append(cell)
                if workload == "w8" and client == "php-memcached" and re.search(only, str(session_handler(place))):
                    found.append(session_handler(place))
    # Raw C is there for who is compared with it.
    wanted = {(c.workload, c.place) for c in found if re.search(only, str(c))}
    return [c for c in found if (c.workload, c.place) in wanted]
