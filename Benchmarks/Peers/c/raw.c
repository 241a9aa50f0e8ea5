// The physical limit: prebuilt request bytes out, response bytes counted in, nothing decoded.
//
//   w1 w2      one GET / SET in flight, blocking socket
//   w3 w4      100 quiet GETs / SETs and a NOOP in one write
//   w5         w1 with --value N, reading at most --chunk bytes at a time
//   w6         --users closed-loop users spread over --conns connections, epoll
//   w7 w7p     connect + SASL PLAIN + GET + close; GET on one authenticated connection
//   w8         add lock, get, set, delete: four round trips
//   w9         w1 over TLS
#include "common.h"
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>

enum { OP_GET = 0x00, OP_SET = 0x01, OP_ADD = 0x02, OP_DELETE = 0x04, OP_GETQ = 0x09, OP_NOOP = 0x0a,
       OP_SETQ = 0x11, OP_SASL_AUTH = 0x21 };
#define HDR 24

static char *buf_in;                    // response bytes land here and are dropped
static size_t BUF_IN;                   // most to take in one read (--chunk)

// ---- sockets -------------------------------------------------------------

static int dial(const opts *o) {
    int fd;
    if (o->unix_path) {
        struct sockaddr_un a = {.sun_family = AF_UNIX};
        strncpy(a.sun_path, o->unix_path, sizeof a.sun_path - 1);
        fd = socket(AF_UNIX, SOCK_STREAM, 0);
        if (fd < 0 || connect(fd, (struct sockaddr *)&a, sizeof a)) die("connect unix");
    } else {
        struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(o->port)};
        inet_pton(AF_INET, o->host, &a.sin_addr);
        fd = socket(AF_INET, SOCK_STREAM, 0);
        if (fd < 0 || connect(fd, (struct sockaddr *)&a, sizeof a)) die("connect tcp");
        int one = 1;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    }
    return fd;
}

static void write_all(int fd, const char *p, size_t n) {
    while (n) {
        ssize_t w = send(fd, p, n, MSG_NOSIGNAL);
        if (w <= 0) die("send");
        p += w, n -= w;
    }
}

static void read_exactly(int fd, size_t n) {
    while (n) {
        ssize_t r = recv(fd, buf_in, n < BUF_IN ? n : BUF_IN, 0);
        if (r <= 0) die("recv");
        n -= r;
    }
}

// ---- request bytes -------------------------------------------------------

static char *put_header(char *p, int op, int keylen, int extlen, int vallen) {
    memset(p, 0, HDR);
    p[0] = (char)0x80;
    p[1] = op;
    p[2] = keylen >> 8, p[3] = keylen;
    p[4] = extlen;
    uint32_t body = htonl(keylen + extlen + vallen);
    memcpy(p + 8, &body, 4);
    return p + HDR;
}

static char *put_request(char *p, int op, const char *key, int keylen, const char *val, int vallen, int ttl) {
    int ext = op == OP_SET || op == OP_SETQ || op == OP_ADD ? 8 : 0;
    p = put_header(p, op, keylen, ext, vallen);
    if (ext) {
        uint32_t t = htonl(ttl);
        memset(p, 0, 4);
        memcpy(p + 4, &t, 4);
        p += 8;
    }
    memcpy(p, key, keylen);
    p += keylen;
    if (vallen) memcpy(p, val, vallen);
    return p + vallen;
}

static size_t get_reply(int value) { return HDR + 4 + value; }

// A ring of prebuilt requests, all of one length, all answered by `reply` bytes.
typedef struct {
    char *bytes;
    size_t each, reply;
    int count, next;
} ring;

static ring build_ring(const opts *o, bool sets) {
    ring r = {.count = o->keys};
    char key[64], *val = malloc(o->value + 1);
    fill_value(val, o->value);
    bool big = o->value != SMALL_VALUE;
    if (big) r.count = 1;
    // Twice round, so that a run of up to `count` requests is one slice.
    r.bytes = malloc((size_t)2 * r.count * (256 + (sets ? o->value : 0)));
    char *p = r.bytes;
    for (int i = 0; i < 2 * r.count; i++) {
        int kl = big ? sized_key(key, o->value) : small_key(key, i % r.count);
        char *e = put_request(p, sets ? OP_SET : OP_GET, key, kl, val, sets ? o->value : 0, 0);
        r.each = e - p;
        r.reply = sets ? HDR : get_reply(o->value);
        p = e;
    }
    free(val);
    return r;
}

static const char *ring_take(ring *r, int n) {
    const char *p = r->bytes + r->each * r->next;
    r->next = (r->next + n) % r->count;
    return p;
}

// ---- one in flight -------------------------------------------------------

typedef struct {
    int fd;
    ring r;
    SSL *ssl;
    char *batch;
    size_t batch_len, batch_reply;
    const opts *o;
} conn;

static void step_pingpong(void *v) {
    conn *c = v;
    write_all(c->fd, ring_take(&c->r, 1), c->r.each);
    read_exactly(c->fd, c->r.reply);
}

static void step_tls(void *v) {
    conn *c = v;
    if (SSL_write(c->ssl, ring_take(&c->r, 1), c->r.each) <= 0) die("SSL_write");
    for (size_t left = c->r.reply; left;) {
        int n = SSL_read(c->ssl, buf_in, left < BUF_IN ? left : BUF_IN);
        if (n <= 0) die("SSL_read");
        left -= n;
    }
}

static void step_batch(void *v) {
    conn *c = v;
    write_all(c->fd, c->batch, c->batch_len);
    read_exactly(c->fd, c->batch_reply);
}

// ---- sliding window over one or many connections -------------------------

typedef struct {
    int fd, window, in_flight;
    size_t partial;                     // bytes of an incomplete reply already seen
    uint64_t *sent;                     // ring of send times, `window` long
    int head;                           // oldest entry
    ring r;
} flow;

static void flow_send(flow *f, int n, uint64_t t) {
    for (int i = 0; i < n; i++) f->sent[(f->head + f->in_flight + i) % f->window] = t;
    write_all(f->fd, ring_take(&f->r, n), f->r.each * n);
    f->in_flight += n;
}

static void run_users(const opts *o) {
    int conns = o->conns, users = o->users;
    ring r = build_ring(o, false);
    int ep = epoll_create1(0);
    flow *flows = calloc(conns, sizeof *flows);
    for (int i = 0; i < conns; i++) {
        flow *f = &flows[i];
        f->window = users / conns + (i < users % conns);
        f->fd = dial(o);
        f->r = r;
        f->r.next = (i * 37) % r.count;
        f->sent = calloc(f->window, 8);
        struct epoll_event e = {.events = EPOLLIN, .data.ptr = f};
        epoll_ctl(ep, EPOLL_CTL_ADD, f->fd, &e);
        flow_send(f, f->window, now_ns());
    }
    size_t cap = 1 << 23, nlat = 0;
    uint32_t *lat = malloc(cap * 4);
    int reps = o->ops > 0 ? 1 : o->reps + 1;                 // rep 0 of a timed run is the warm-up
    for (int rep = 0; rep < reps; rep++) {
        bool warm = o->ops <= 0 && rep == 0;
        meter m;
        meter_start(&m);
        nlat = 0;
        uint64_t ops = 0, end = m.t0 + (uint64_t)((warm ? o->warm : o->secs) * 1e9), t = m.t0;
        while (o->ops > 0 ? ops < (uint64_t)o->ops : t < end) {
            struct epoll_event ev[64];
            int n = epoll_wait(ep, ev, 64, -1);
            for (int i = 0; i < n; i++) {
                flow *f = ev[i].data.ptr;
                ssize_t got = recv(f->fd, buf_in, BUF_IN, 0);
                if (got <= 0) die("recv");
                t = now_ns();
                size_t bytes = f->partial + got;
                int k = bytes / f->r.reply;
                f->partial = bytes % f->r.reply;
                for (int j = 0; j < k && nlat < cap; j++) lat[nlat++] = t - f->sent[(f->head + j) % f->window];
                f->head = (f->head + k) % f->window;
                f->in_flight -= k;
                ops += k;
                int room = f->window - f->in_flight;
                if (room) flow_send(f, room, t);
            }
        }
        if (!warm) meter_report(&m, o->ops > 0 ? 0 : rep - 1, ops, lat, nlat);
    }
}

// ---- authentication and cycles -------------------------------------------

static size_t auth_request(char *p, const char *user, const char *pass) {
    char payload[256];
    int ul = strlen(user), pl = strlen(pass), n = 2 + ul + pl;
    payload[0] = 0;
    memcpy(payload + 1, user, ul);
    payload[1 + ul] = 0;
    memcpy(payload + 2 + ul, pass, pl);
    return put_request(p, OP_SASL_AUTH, "PLAIN", 5, payload, n, 0) - p;
}

static void authenticate(int fd, const opts *o) {
    char req[512];
    write_all(fd, req, auth_request(req, o->user, o->pass));
    read_exactly(fd, HDR + strlen("Authenticated"));
}

static void step_connect(void *v) {
    conn *c = v;
    c->fd = dial(c->o);
    if (c->o->user) authenticate(c->fd, c->o);
    step_pingpong(c);
    close(c->fd);
}

typedef struct {
    int fd;
    char *req[4];
    size_t len[4], reply[4];
} cycle;

static cycle build_cycle(int fd) {
    cycle c = {.fd = fd};
    static char mem[4][SESSION_VALUE + 256];
    char val[SESSION_VALUE];
    fill_value(val, SESSION_VALUE);
    const char *key = "bench:session", *lock = "bench:session.lock";
    int op[4] = {OP_ADD, OP_GET, OP_SET, OP_DELETE};
    const char *k[4] = {lock, key, key, lock};
    int vl[4] = {1, 0, SESSION_VALUE, 0};
    size_t reply[4] = {HDR, HDR + 4 + SESSION_VALUE, HDR, HDR};
    for (int i = 0; i < 4; i++) {
        c.req[i] = mem[i];
        c.len[i] = put_request(mem[i], op[i], k[i], strlen(k[i]), i == 0 ? "1" : val, vl[i], i == 0 ? LOCK_TTL : 0) - mem[i];
        c.reply[i] = reply[i];
    }
    return c;
}

static void step_cycle(void *v) {
    cycle *c = v;
    for (int i = 0; i < 4; i++) {
        write_all(c->fd, c->req[i], c->len[i]);
        read_exactly(c->fd, c->reply[i]);
    }
}

// ---- TLS -----------------------------------------------------------------

static SSL *tls_client(int fd) {
    static SSL_CTX *ctx;
    if (!ctx) {
        ctx = SSL_CTX_new(TLS_client_method());
        SSL_CTX_set_verify(ctx, SSL_VERIFY_NONE, NULL);
    }
    SSL *s = SSL_new(ctx);
    SSL_set_fd(s, fd);
    if (SSL_connect(s) != 1) die("SSL_connect");
    return s;
}

int main(int argc, char **argv) {
    opts o = parse_opts(argc, argv);
    const char *w = o.workload;
    BUF_IN = o.chunk;
    buf_in = malloc(BUF_IN);
    if (!strcmp(w, "w6")) { run_users(&o); return 0; }

    conn c = {.o = &o};
    c.r = build_ring(&o, !strcmp(w, "w2"));
    if (!strcmp(w, "w7")) { drive(&o, step_connect, &c, 1, 1); return 0; }

    c.fd = dial(&o);
    if (o.user) authenticate(c.fd, &o);

    if (!strcmp(w, "w1") || !strcmp(w, "w2") || !strcmp(w, "w5") || !strcmp(w, "w7p"))
        drive(&o, step_pingpong, &c, 1, o.value > 50000 ? 1 : 16);
    else if (!strcmp(w, "w3") || !strcmp(w, "w4")) {
        bool sets = w[1] == '4';
        char key[64], val[SMALL_VALUE], *p = c.batch = malloc(BATCH * 512);
        fill_value(val, SMALL_VALUE);
        for (int i = 0; i < BATCH; i++) {
            int kl = small_key(key, i);
            p = put_request(p, sets ? OP_SETQ : OP_GETQ, key, kl, val, sets ? SMALL_VALUE : 0, 0);
        }
        p = put_header(p, OP_NOOP, 0, 0, 0);
        c.batch_reply = HDR + (sets ? 0 : BATCH * get_reply(SMALL_VALUE));
        c.batch_len = p - c.batch;
        drive(&o, step_batch, &c, BATCH, 1);
    } else if (!strcmp(w, "w8")) {
        cycle y = build_cycle(c.fd);
        drive(&o, step_cycle, &y, 1, 4);
    } else if (!strcmp(w, "w9")) {
        c.ssl = tls_client(c.fd);
        drive(&o, step_tls, &c, 1, 16);
    } else {
        fprintf(stderr, "unknown workload %s\n", w);
        return 2;
    }
    return 0;
}
