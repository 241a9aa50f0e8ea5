// Shared helpers for the C bench programs: clocks, CPU accounting, one-line
// JSON results, latency percentiles, option parsing, deterministic test data.
#pragma once
#define _GNU_SOURCE
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define BATCH 100              // keys per multi-get / multi-set
#define SMALL_VALUE 100
#define SESSION_VALUE 1000     // session payload of the w8 cycle
#define LOCK_TTL 30

static inline uint64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000ull + (uint64_t)t.tv_nsec;
}

__attribute__((unused)) static void die(const char *what) {
    fprintf(stderr, "%s: %s\n", what, strerror(errno));
    exit(1);
}

typedef struct {
    const char *workload, *host, *unix_path, *user, *pass, *mode;
    int port, reps, conns, users, value, keys, chunk;
    double secs, warm;
    long ops;                  // > 0: exactly this many ops, once, no warm-up
} opts;

static opts parse_opts(int argc, char **argv) {
    opts o = {.workload = argc > 1 ? argv[1] : "w1", .host = "127.0.0.1", .mode = "",
              .port = 12301, .reps = 5, .conns = 1, .users = 64,
              .value = SMALL_VALUE, .keys = 1000, .chunk = 128 << 10, .secs = 0.3, .warm = 0.1};
    for (int i = 2; i + 1 < argc; i += 2) {
        const char *k = argv[i], *v = argv[i + 1];
        if (!strcmp(k, "--host")) o.host = v;
        else if (!strcmp(k, "--port")) o.port = atoi(v);
        else if (!strcmp(k, "--unix")) o.unix_path = v;
        else if (!strcmp(k, "--mode")) o.mode = v;
        else if (!strcmp(k, "--user")) o.user = v;
        else if (!strcmp(k, "--pass")) o.pass = v;
        else if (!strcmp(k, "--reps")) o.reps = atoi(v);
        else if (!strcmp(k, "--secs")) o.secs = atof(v);
        else if (!strcmp(k, "--warm")) o.warm = atof(v);
        else if (!strcmp(k, "--ops")) { o.ops = atol(v); o.reps = 1; o.warm = 0; }
        else if (!strcmp(k, "--conns")) o.conns = atoi(v);
        else if (!strcmp(k, "--users")) o.users = atoi(v);
        else if (!strcmp(k, "--value")) o.value = atoi(v);
        else if (!strcmp(k, "--keys")) o.keys = atoi(v);
        else if (!strcmp(k, "--chunk")) o.chunk = atoi(v);
        else { fprintf(stderr, "unknown option %s\n", k); exit(2); }
    }
    return o;
}

// The key space every peer uses: 16-byte keys for the small values, one key per
// large size, and a session key with its lock.
static inline int small_key(char *out, int i) { return sprintf(out, "bench:key:%06d", i); }
static inline int sized_key(char *out, int bytes) { return sprintf(out, "bench:big:%07d", bytes); }

// Printable, incompressible-looking, the same in every run.
static void fill_value(char *p, int n) {
    uint32_t x = 2463534242u;
    for (int i = 0; i < n; i++) {
        x ^= x << 13; x ^= x >> 17; x ^= x << 5;
        p[i] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"[x & 63];
    }
}

typedef struct {
    uint64_t t0;
    struct rusage r0;
} meter;

static inline void meter_start(meter *m) {
    getrusage(RUSAGE_SELF, &m->r0);
    m->t0 = now_ns();
}

static inline double tv(struct timeval t) { return t.tv_sec + t.tv_usec / 1e6; }

static int cmp_u32(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

// One JSON line. `lat` (nanoseconds, unsorted) may be NULL.
static void meter_report(meter *m, int rep, uint64_t ops, uint32_t *lat, size_t nlat) {
    double wall = (now_ns() - m->t0) / 1e9;
    struct rusage r;
    getrusage(RUSAGE_SELF, &r);
    double user = tv(r.ru_utime) - tv(m->r0.ru_utime), sys = tv(r.ru_stime) - tv(m->r0.ru_stime);
    printf("{\"rep\":%d,\"ops\":%llu,\"wall\":%.6f,\"user\":%.6f,\"sys\":%.6f,\"vcsw\":%ld,\"icsw\":%ld", rep,
           (unsigned long long)ops, wall, user, sys, r.ru_nvcsw - m->r0.ru_nvcsw, r.ru_nivcsw - m->r0.ru_nivcsw);
    if (lat && nlat) {
        qsort(lat, nlat, sizeof *lat, cmp_u32);
        printf(",\"p50\":%.1f,\"p99\":%.1f,\"p999\":%.1f", lat[nlat / 2] / 1e3, lat[(size_t)(nlat * 0.99)] / 1e3,
               lat[(size_t)(nlat * 0.999)] / 1e3);
    }
    printf("}\n");
    fflush(stdout);
}

// Runs `step` (which does `per` ops) for the asked time or number of ops.
typedef void (*step_fn)(void *ctx);
static void drive(const opts *o, step_fn step, void *ctx, int per, int check_every) {
    if (o->ops > 0) {
        meter m;
        meter_start(&m);
        long n = 0;
        for (; n < o->ops; n += per) step(ctx);
        meter_report(&m, 0, n, NULL, 0);
        return;
    }
    for (uint64_t end = now_ns() + (uint64_t)(o->warm * 1e9); now_ns() < end;) step(ctx);
    for (int rep = 0; rep < o->reps; rep++) {
        meter m;
        meter_start(&m);
        uint64_t end = m.t0 + (uint64_t)(o->secs * 1e9), n = 0;
        do {
            for (int i = 0; i < check_every; i++) step(ctx);
            n += (uint64_t)check_every * per;
        } while (now_ns() < end);
        meter_report(&m, rep, n, NULL, 0);
    }
}
