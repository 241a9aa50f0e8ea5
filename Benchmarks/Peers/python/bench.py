"""Python peers: --client pylibmc | bmemcached, binary protocol.

w6 runs --users threads over a queue of --conns clients.
"""
import functools
import json
import queue
import resource
import ssl
import sys
import threading
import time

BATCH = 100
SESSION = 1000
LOCK_TTL = 30


def options(argv):
    o = dict(client="pylibmc", host="127.0.0.1", port=12301, unix="", user="", reps=5, secs=0.3, warm=0.1,
             ops=0, value=100, keys=1000, conns=1, users=64, mode="")
    o["pass"] = ""
    for k, v in zip(argv[1::2], argv[2::2]):
        k = k[2:]
        o[k] = type(o[k])(float(v)) if isinstance(o[k], (int, float)) else v
    return argv[0], o


def text(n):
    return ("abcdefghijklmnopqrstuvwxyz0123456789" * (n // 36 + 1))[:n]


class Pylibmc:
    def __init__(self, o):
        import pylibmc
        behaviors = {"tcp_nodelay": True}
        if o["mode"] == "buffer":
            behaviors.update(_noreply=True, buffer_requests=True)
        kw = dict(username=o["user"], password=o["pass"]) if o["user"] else {}
        server = o["unix"] or "%s:%d" % (o["host"], o["port"])
        self.c = pylibmc.Client([server], binary=True, behaviors=behaviors, **kw)
        self.get, self.set, self.add, self.delete = self.c.get, self.c.set, self.c.add, self.c.delete
        self.get_many = self.c.get_multi
        self.set_many = self.c.set_multi
        self.close = self.c.disconnect_all


class Bmemcached:
    def __init__(self, o):
        import bmemcached
        server = o["unix"] or "%s:%d" % (o["host"], o["port"])
        tls = None
        if o["mode"] == "tls":
            tls = ssl.create_default_context()
            tls.check_hostname = False
            tls.verify_mode = ssl.CERT_NONE
        self.c = bmemcached.Client((server,), username=o["user"] or None, password=o["pass"] or None, tls_context=tls)
        self.get, self.delete, self.add = self.c.get, self.c.delete, self.c.add
        # Stored as the others store it: unless told not to, this client compresses from 128 bytes on.
        self.set = functools.partial(self.c.set, compress_level=0)
        self.get_many = self.c.get_multi
        self.set_many = functools.partial(self.c.set_multi, compress_level=0)
        self.close = self.c.disconnect_all


CLIENTS = {"pylibmc": Pylibmc, "bmemcached": Bmemcached}


class Meter:
    def __init__(self):
        self.r0 = resource.getrusage(resource.RUSAGE_SELF)
        self.t0 = time.perf_counter()

    def report(self, rep, ops, lat=None):
        wall = time.perf_counter() - self.t0
        r = resource.getrusage(resource.RUSAGE_SELF)
        out = dict(rep=rep, ops=ops, wall=round(wall, 6), user=round(r.ru_utime - self.r0.ru_utime, 6),
                   sys=round(r.ru_stime - self.r0.ru_stime, 6), vcsw=r.ru_nvcsw - self.r0.ru_nvcsw,
                   icsw=r.ru_nivcsw - self.r0.ru_nivcsw)
        if lat:
            lat.sort()
            for name, q in (("p50", 0.5), ("p99", 0.99), ("p999", 0.999)):
                out[name] = round(lat[int(len(lat) * q)] * 1e6, 1)
        print(json.dumps(out), flush=True)


def drive(o, step, per, check):
    if o["ops"]:
        m, n = Meter(), 0
        while n < o["ops"]:
            step()
            n += per
        m.report(0, n)
        return
    end = time.perf_counter() + o["warm"]
    while time.perf_counter() < end:
        step()
    for rep in range(o["reps"]):
        m, n = Meter(), 0
        end = m.t0 + o["secs"]
        while True:
            for _ in range(check):
                step()
            n += check * per
            if time.perf_counter() >= end:
                break
        m.report(rep, n)


def users(o, make, keys):
    pool = queue.Queue()
    for _ in range(o["conns"]):
        pool.put(make(o))

    def user(i, deadline, quota, out):
        lat, k, t = [], i * 13 % len(keys), time.perf_counter()
        while len(lat) < quota if quota else t < deadline:
            c = pool.get()
            v = c.get(keys[k])
            pool.put(c)
            if v is None:
                raise SystemExit("miss")
            k = (k + 1) % len(keys)
            e = time.perf_counter()
            lat.append(e - t)
            t = e
        out.append(lat)

    for rep in range(0 if o["ops"] else -1, 1 if o["ops"] else o["reps"]):
        out, m = [], Meter()
        quota = o["ops"] // o["users"] if o["ops"] else 0
        deadline = m.t0 + (o["warm"] if rep < 0 else o["secs"])
        threads = [threading.Thread(target=user, args=(i, deadline, quota, out)) for i in range(o["users"])]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        lat = [x for one in out for x in one]
        if rep >= 0:
            m.report(rep, len(lat), lat)


def main():
    w, o = options(sys.argv[1:])
    make = CLIENTS[o["client"]]
    keys = ["bench:key:%06d" % i for i in range(o["keys"])]
    value, session = text(100), text(SESSION)
    batch_keys, batch_items = keys[:BATCH], {k: value for k in keys[:BATCH]}
    if w == "w6":
        return users(o, make, keys)
    state = {"i": 0}
    c = None if w == "w7" else make(o)

    def next_key():
        state["i"] = i = (state["i"] + 1) % len(keys)
        return keys[i]

    def get():
        if c.get(next_key()) is None:
            raise SystemExit("miss")

    def put():
        c.set(next_key(), value)

    def mget():
        if len(c.get_many(batch_keys)) != BATCH:
            raise SystemExit("mget")

    def mset():
        c.set_many(batch_items)

    big_key = "bench:big:%07d" % o["value"]

    def big():
        if len(c.get(big_key)) != o["value"]:
            raise SystemExit("size")

    def connect():
        one = make(o)
        if one.get(keys[1]) is None:
            raise SystemExit("miss")
        one.close()

    def cycle():
        if not c.add("bench:session.lock", "1", LOCK_TTL):
            raise SystemExit("lock")
        c.get("bench:session")
        c.set("bench:session", session)
        c.delete("bench:session.lock")

    steps = dict(w1=(get, 1, 16), w2=(put, 1, 16), w3=(mget, BATCH, 1), w4=(mset, BATCH, 1),
                 w5=(big, 1, 1 if o["value"] > 50000 else 16), w7=(connect, 1, 1), w7p=(get, 1, 16),
                 w8=(cycle, 1, 4), w9=(get, 1, 16))
    if w not in steps:
        raise SystemExit("%s: not a workload of this peer" % w)
    drive(o, *steps[w])


main()
