"""The results as Markdown."""
import re

from .plan import CLIENTS, RAW, TITLES

PLACES = {"same": "Server and client on one core", "split": "Server and client on a core each"}


def row(values):
    return "| " + " | ".join(values) + " |"


def figure(number, digits=2):
    if number is None:
        return "–"
    return "{:,.0f}".format(number) if number >= 1000 else "{:.{}f}".format(number, digits)


def ratio_table(summaries, place="same"):
    """Workloads down, clients across, ratios to raw C."""
    clients = [c for c in CLIENTS if c != RAW and any((w, c, place) in summaries for w in TITLES)]
    lines = [row(["", "raw C, per s"] + clients), row(["---", "--:"] + ["--:"] * len(clients))]
    for workload, title in TITLES.items():
        raw = summaries.get((workload, RAW, place))
        if not raw:
            continue
        values = [summaries.get((workload, client, place)) for client in clients]
        lines.append(row(["%s %s" % (workload.split("-")[0], title), figure(raw["rate"], 0)]
                         + [figure(v["ratio"]) if v else "–" for v in values]))
    return "\n".join(lines)


def full_table(cells, summaries, place):
    """One line for each client in each workload."""
    counted = any("instructions" in c.counts for c in cells)
    head = ["workload", "client", "per second", "spread", "to raw C", "client CPU µs", "server CPU µs",
            "system calls", "allocations"] + (["instructions"] if counted else []) + ["p50 µs", "p99 µs"]
    lines = [row(head), row(["---", "---"] + ["--:"] * (len(head) - 2))]
    before = None
    for cell in cells:
        if cell.place != place:
            continue
        title = "**%s** %s" % (cell.workload, TITLES[cell.workload]) if cell.workload != before else ""
        before = cell.workload
        summary = summaries.get((cell.workload, cell.client, place))
        if not summary:
            lines.append(row([title, cell.client, "failed: " + (cell.failure or "not built")] + [""] * (len(head) - 3)))
            continue
        counts = [cell.counts.get("syscalls"), cell.counts.get("allocations")]
        counts += [cell.counts.get("instructions")] if counted else []
        lines.append(row([title, cell.client, figure(summary["rate"], 0), "%.0f %%" % (100 * summary["spread"]),
                          figure(summary["ratio"]), figure(summary["client_us"]), figure(summary["server_us"])]
                         + [figure(x) for x in counts] + [figure(summary["p50"], 0), figure(summary["p99"], 0)]))
    return "\n".join(lines)


def page(cells, summaries, machine, settings):
    """The whole page of results."""
    parts = ["# Speed beside other clients", "",
             "Written by `Scripts/bench`; what is measured and how: [`Benchmarks/Peers`](../Peers/README.md).", ""]
    parts += ["- %s: %s" % line for line in machine]
    parts += ["- settings: %s" % settings, "", "![Ratios to raw C](comparison.svg)", "",
              "## Ratios to raw C, one core", "", ratio_table(summaries), ""]
    for place, title in PLACES.items():
        if any(c.place == place and (c.workload, c.client, place) in summaries for c in cells):
            others = [s["others"] for (_, _, p), s in summaries.items() if p == place]
            parts += ["## " + title, "", "Other processes had %.0f %% of the cores meanwhile."
                      % (100 * sum(others) / len(others)), "", full_table(cells, summaries, place), ""]
    return "\n".join(parts)


def put_into_readme(path, table, machine):
    """Replaces what stands between the two markers; a README without them stays as it is."""
    text = open(path).read()
    facts = dict(machine)
    caption = "Ratios to raw C, server and client on one core; %s, %s, %s." % (
        facts["machine"], facts["server"].split(",")[0], facts["date"].split()[0])
    changed = re.sub(r"(<!-- comparison -->\n).*?(<!-- /comparison -->)",
                     lambda m: m[1] + table + "\n\n" + caption + "\n" + m[2], text, flags=re.S)
    if changed != text:
        with open(path, "w") as file:
            file.write(changed)
