// libmemcached as an application would use it: binary protocol, TCP_NODELAY.
//   --mode buffer    BUFFER_REQUESTS + NOREPLY for the stores of w2 and w4: no outcomes
// The SASL client library is initialised by this program, once.
#include "common.h"
#include <libmemcached/memcached.h>
#include <libmemcached/util.h>
#include <pthread.h>
#include <sasl/sasl.h>

static const opts *o;
static char (*keys)[32];
static const char **key_ptr;
static size_t *key_len;
static char *value;
static int key_at;

static void check(memcached_return_t rc, const char *what) {
    if (rc != MEMCACHED_SUCCESS && rc != MEMCACHED_BUFFERED) {
        fprintf(stderr, "%s: %s\n", what, memcached_strerror(NULL, rc));
        exit(1);
    }
}

static memcached_st *open_client(bool buffered) {
    memcached_st *m = memcached_create(NULL);
    memcached_behavior_set(m, MEMCACHED_BEHAVIOR_BINARY_PROTOCOL, 1);
    memcached_behavior_set(m, MEMCACHED_BEHAVIOR_TCP_NODELAY, 1);
    if (buffered) {
        memcached_behavior_set(m, MEMCACHED_BEHAVIOR_NOREPLY, 1);
        memcached_behavior_set(m, MEMCACHED_BEHAVIOR_BUFFER_REQUESTS, 1);
    }
    if (o->user) check(memcached_set_sasl_auth_data(m, o->user, o->pass), "sasl data");
    check(o->unix_path ? memcached_server_add_unix_socket(m, o->unix_path) : memcached_server_add(m, o->host, o->port),
          "server");
    return m;
}

static void get_one(memcached_st *m, const char *k, size_t kl, size_t expect) {
    size_t n;
    uint32_t flags;
    memcached_return_t rc;
    char *v = memcached_get(m, k, kl, &n, &flags, &rc);
    check(rc, "get");
    if (n != expect) { fprintf(stderr, "get: %zu bytes, wanted %zu\n", n, expect); exit(1); }
    free(v);
}

static int next_key(void) { return key_at = key_at + 1 == o->keys ? 0 : key_at + 1; }

static void step_get(void *m) {
    int i = next_key();
    get_one(m, keys[i], key_len[i], o->value);
}

static void step_big(void *m) {
    char k[32];
    get_one(m, k, sized_key(k, o->value), o->value);
}

static void step_set(void *m) {
    int i = next_key();
    check(memcached_set(m, keys[i], key_len[i], value, SMALL_VALUE, 0, 0), "set");
}

static void step_mget(void *m) {
    check(memcached_mget(m, key_ptr, key_len, BATCH), "mget");
    memcached_return_t rc;
    memcached_result_st res;
    memcached_result_create(m, &res);
    int n = 0;
    while (memcached_fetch_result(m, &res, &rc)) n += memcached_result_length(&res) == SMALL_VALUE;
    memcached_result_free(&res);
    if (n != BATCH) { fprintf(stderr, "mget: %d of %d\n", n, BATCH); exit(1); }
}

static void step_mset(void *m) {
    for (int i = 0; i < BATCH; i++) check(memcached_set(m, keys[i], key_len[i], value, SMALL_VALUE, 0, 0), "set");
    if (!strcmp(o->mode, "buffer")) memcached_flush_buffers(m);
}

static void step_connect(void *unused) {
    (void)unused;
    memcached_st *m = open_client(false);
    step_get(m);
    memcached_free(m);
}

static void step_cycle(void *m) {
    static const char key[] = "bench:session", lock[] = "bench:session.lock";
    check(memcached_add(m, lock, sizeof lock - 1, "1", 1, LOCK_TTL, 0), "add");
    get_one(m, key, sizeof key - 1, SESSION_VALUE);
    check(memcached_set(m, key, sizeof key - 1, value, SESSION_VALUE, 0, 0), "set");
    check(memcached_delete(m, lock, sizeof lock - 1, 0), "delete");
}

// ---- w6: threads over a memcached_pool ------------------------------------

static memcached_pool_st *pool;
static pthread_barrier_t gate;
static uint64_t deadline;
static long quota;                       // per user, when --ops was given

typedef struct { uint32_t *lat; size_t n; int id; } user_state;
#define LAT_CAP (1 << 18)

static void *user_thread(void *v) {
    user_state *u = v;
    pthread_barrier_wait(&gate);
    int k = u->id * 13 % o->keys;
    struct timespec patience = {.tv_sec = 5};
    for (uint64_t t = now_ns(); quota ? u->n < (size_t)quota : t < deadline;) {
        memcached_return_t rc;
        memcached_st *m = memcached_pool_fetch(pool, &patience, &rc);
        if (!m) { fprintf(stderr, "pool: %s\n", memcached_strerror(NULL, rc)); exit(1); }
        get_one(m, keys[k], key_len[k], o->value);
        memcached_pool_release(pool, m);
        k = k + 1 == o->keys ? 0 : k + 1;
        uint64_t e = now_ns();
        if (u->n < LAT_CAP) u->lat[u->n] = e - t;
        u->n++;
        t = e;
    }
    return NULL;
}

static void run_users(void) {
    memcached_st *master = open_client(false);
    pool = memcached_pool_create(master, o->conns, o->conns);
    user_state *u = calloc(o->users, sizeof *u);
    uint32_t *all = malloc((size_t)o->users * LAT_CAP * 4);
    for (int i = 0; i < o->users; i++) u[i].lat = malloc(LAT_CAP * 4), u[i].id = i;
    pthread_t *t = calloc(o->users, sizeof *t);
    for (int rep = o->ops > 0 ? 0 : -1; rep < o->reps; rep++) {
        pthread_barrier_init(&gate, NULL, o->users + 1);
        for (int i = 0; i < o->users; i++) { u[i].n = 0; pthread_create(&t[i], NULL, user_thread, &u[i]); }
        meter m;
        quota = o->ops > 0 ? o->ops / o->users : 0;
        meter_start(&m);
        deadline = m.t0 + (uint64_t)((rep < 0 ? o->warm : o->secs) * 1e9);
        pthread_barrier_wait(&gate);
        size_t n = 0, kept = 0;
        for (int i = 0; i < o->users; i++) {
            pthread_join(t[i], NULL);
            size_t k = u[i].n < LAT_CAP ? u[i].n : LAT_CAP;
            memcpy(all + kept, u[i].lat, k * 4);
            kept += k;
            n += u[i].n;
        }
        if (rep >= 0) meter_report(&m, rep, n, all, kept);
    }
}

int main(int argc, char **argv) {
    opts parsed = parse_opts(argc, argv);
    o = &parsed;
    const char *w = o->workload;
    keys = calloc(o->keys, sizeof *keys);
    key_ptr = calloc(o->keys, sizeof *key_ptr);
    key_len = calloc(o->keys, sizeof *key_len);
    for (int i = 0; i < o->keys; i++) key_len[i] = small_key(keys[i], i), key_ptr[i] = keys[i];
    value = malloc(SESSION_VALUE);
    fill_value(value, SESSION_VALUE);
    if (o->user) sasl_client_init(NULL);

    if (!strcmp(w, "w6")) { run_users(); return 0; }
    if (!strcmp(w, "w7")) { drive(o, step_connect, NULL, 1, 1); return 0; }
    bool buffered = !strcmp(o->mode, "buffer");
    memcached_st *m = open_client(buffered);
    if (!strcmp(w, "w1") || !strcmp(w, "w7p")) drive(o, step_get, m, 1, 16);
    else if (!strcmp(w, "w2")) drive(o, step_set, m, 1, 16);
    else if (!strcmp(w, "w3")) drive(o, step_mget, m, BATCH, 1);
    else if (!strcmp(w, "w4")) drive(o, step_mset, m, BATCH, 1);
    else if (!strcmp(w, "w5")) drive(o, step_big, m, 1, o->value > 50000 ? 1 : 16);
    else if (!strcmp(w, "w8")) drive(o, step_cycle, m, 1, 4);
    else { fprintf(stderr, "%s: not a workload of this peer\n", w); return 2; }
    memcached_free(m);
    return 0;
}
