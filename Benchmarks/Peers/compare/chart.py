"""The ratios as a picture: a group of bars for each workload."""
from xml.sax.saxutils import escape

from .plan import CLIENTS, LOOP, RAW, TASK, TITLES

COLOURS = {LOOP: "#d9480f", TASK: "#f08c00", "libmemcached (C)": "#1864ab", "php-memcached": "#4dabf7",
           "pylibmc": "#2b8a3e", "python-binary-memcached": "#8ce99a"}
WIDTH, LEFT, RIGHT, TOP, BAR, GAP = 900, 300, 60, 92, 11, 12


def svg(summaries, machine, place="same"):
    clients = [c for c in (LOOP, TASK, *CLIENTS[3:]) if any((w, c, place) in summaries for w in TITLES)]
    groups = []
    for workload, title in TITLES.items():
        bars = [(c, summaries[(workload, c, place)]["ratio"]) for c in clients if (workload, c, place) in summaries]
        bars = [(client, ratio) for client, ratio in bars if ratio is not None]
        if bars:
            groups.append((workload, title, bars))
    longest = max([1.2] + [ratio for _, _, bars in groups for _, ratio in bars])
    scale = (WIDTH - LEFT - RIGHT) / longest
    height = TOP + sum(len(bars) * BAR + GAP for _, _, bars in groups) + 40
    facts = dict(machine)
    out = ['<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="system-ui, sans-serif" '
           'font-size="11">' % (WIDTH, height),
           '<rect width="100%" height="100%" fill="#ffffff"/>',
           '<text x="16" y="24" font-size="16" font-weight="600">Operations per second, as a ratio to raw C</text>',
           '<text x="16" y="42" fill="#555">Raw C sends prebuilt requests and decodes nothing. Server and client on one '
           'core. More is better.</text>']
    x = 16
    for client in clients:
        out.append('<rect x="%d" y="56" width="11" height="11" fill="%s"/>' % (x, COLOURS[client]))
        out.append('<text x="%d" y="66">%s</text>' % (x + 16, escape(client)))
        x += 40 + 6.2 * len(client)
    tick = 0.0
    while tick <= longest:
        at = LEFT + tick * scale
        strong = abs(tick - 1) < 0.001
        out.append('<line x1="%.1f" y1="%d" x2="%.1f" y2="%d" stroke="%s"/>'
                   % (at, TOP - 6, at, height - 34, "#555" if strong else "#ddd"))
        label = "raw C = 1" if strong else "%g" % tick
        out.append('<text x="%.1f" y="%d" text-anchor="middle" fill="#555">%s</text>' % (at, height - 20, label))
        tick = round(tick + 0.25, 2) if longest < 2.2 else round(tick + 0.5, 2)
    y = TOP
    for workload, title, bars in groups:
        out.append('<text x="%d" y="%.1f" text-anchor="end">%s</text>'
                   % (LEFT - 8, y + len(bars) * BAR / 2 + 4, escape("%s  %s" % (workload.split("-")[0], title))))
        for client, ratio in bars:
            out.append('<rect x="%d" y="%d" width="%.1f" height="%d" fill="%s"/>'
                       % (LEFT, y, max(1, ratio * scale), BAR - 1, COLOURS[client]))
            out.append('<text x="%.1f" y="%d" font-size="9" fill="#333">%.2f</text>'
                       % (LEFT + ratio * scale + 4, y + BAR - 2, ratio))
            y += BAR
        y += GAP
    out.append('<text x="16" y="%d" font-size="9" fill="#555">%s</text>'
               % (height - 5, escape("%s; %s; %s; %s" % (facts["machine"], facts["server"], "Swift " + facts["Swift"],
                                                         facts["date"]))))
    out.append("</svg>")
    return "\n".join(out) + "\n"
