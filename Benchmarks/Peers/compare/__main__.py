"""See Scripts/bench, which builds what this needs and starts it."""
import argparse
import json
import os
import signal
import sys
import time

from . import chart, check, counts, machine, measure, plan, tables
from .servers import Servers


def options():
    parser = argparse.ArgumentParser(prog="compare")
    parser.add_argument("--build", required=True, help="folder of the peers' programs")
    parser.add_argument("--driver", required=True, help="the program memcached-bench")
    parser.add_argument("--out", required=True, help="folder of the results")
    parser.add_argument("--readme", help="the README that shows the table")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", default="")
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--secs", type=float)
    parser.add_argument("--instructions", action="store_true")
    chosen = parser.parse_args()
    chosen.rounds = chosen.rounds or (2 if chosen.quick else 3)
    chosen.secs = chosen.secs or (0.06 if chosen.quick else 0.1)
    return chosen


def measure_all(chosen, servers, cells):
    """All cells of a workload one after the other, and that for each round, so that they share what the machine does."""
    began = time.time()
    for number in range(chosen.rounds):
        for cell in cells:
            if cell.failure:
                continue
            say("round %d of %d, %s" % (number + 1, chosen.rounds, cell))
            if cell.client == plan.RAW or cell.workload == "w8":
                servers[cell.server].preload()          # whatever the one before has left
            measure.time_cell(cell, servers[cell.server], chosen.secs, 3)
    # A client that failed in one round has no pairs for the others.
    for cell in cells:
        if cell.failure:
            cell.rounds = []
    say("")
    if not chosen.quick:
        # Whatever the placement: an operation takes the same calls.
        for cell in cells:
            if cell.place == "same" and not cell.failure:
                say("counting, %s" % cell)
                servers[cell.server].preload()
                counts.count(cell, servers[cell.server], servers.folder.name,
                             os.path.join(chosen.build, "allocations.so"), chosen.instructions)
        same = {(c.workload, c.client): c.counts for c in cells if c.place == "same"}
        for cell in cells:
            cell.counts = same.get((cell.workload, cell.client), cell.counts)
    say("")
    return time.time() - began


def say(text):
    """One line that changes, where somebody looks."""
    if sys.stderr.isatty():
        sys.stderr.write("\r\x1b[K" + text)
        sys.stderr.flush()


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    chosen = options()
    if chosen.check:
        return check.check(chosen.driver)
    measure.be_first()
    places = ["same"] if chosen.quick or len(os.sched_getaffinity(0)) < 2 else ["same", "split"]
    with Servers() as servers:
        cells = plan.cells(chosen.build, chosen.driver, servers.certificate, places, chosen.only)
        seconds = measure_all(chosen, servers, cells)
    raw = {(c.workload, c.place): c for c in cells if c.client == plan.RAW}
    summaries = {}
    for cell in cells:
        summary = measure.summarise(cell, raw.get((cell.workload, cell.place)))
        if summary:
            summaries[(cell.workload, cell.client, cell.place)] = summary
    facts = machine.describe(os.path.dirname(plan.PEERS), os.path.join(chosen.build, "venv/bin/python"))
    settings = "%d round%s of 3 repetitions of %.2f s, a launch each; medians; spread: between the quartiles; %.0f s in all" % (
        chosen.rounds, "" if chosen.rounds == 1 else "s", chosen.secs, seconds)
    page = tables.page(cells, summaries, facts, settings)
    os.makedirs(chosen.out, exist_ok=True)
    write(chosen, "comparison.md", page)
    write(chosen, "comparison.svg", chart.svg(summaries, facts))
    write(chosen, "comparison.json", json.dumps({
        "machine": dict(facts), "settings": settings,
        "cells": [dict(workload=w, client=c, place=p, **s) for (w, c, p), s in summaries.items()]}, indent=1) + "\n")
    if chosen.readme:
        tables.put_into_readme(chosen.readme, tables.ratio_table(summaries), facts)
    print(page)
    failed = [cell for cell in cells if cell.failure]
    for cell in failed:
        print("failed: %s: %s" % (cell, cell.failure), file=sys.stderr)
    return 1 if failed else 0


def write(chosen, name, text):
    with open(os.path.join(chosen.out, name), "w") as file:
        file.write(text)


sys.exit(main())
