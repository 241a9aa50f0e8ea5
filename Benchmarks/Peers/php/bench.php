<?php
// php-memcached (libmemcached underneath) with a persistent id, binary protocol.
//   --mode buffer    OPT_BUFFER_WRITES for the stores of w2 and w4: no outcomes
//   w8s              the real session handler: session_start(), write, session_write_close()
$o = ['host' => '127.0.0.1', 'port' => 12301, 'reps' => 5, 'secs' => 0.3, 'warm' => 0.1, 'ops' => 0,
      'value' => 100, 'keys' => 1000, 'mode' => '', 'unix' => '', 'user' => '', 'pass' => ''];
$workload = $argv[1];
for ($i = 2; $i + 1 < $argc; $i += 2) {
    $k = substr($argv[$i], 2);
    $o[$k] = is_string($o[$k]) ? $argv[$i + 1] : $argv[$i + 1] + 0;
}

const BATCH = 100;
const SESSION_VALUE = 1000;
$keys = array_map(fn($i) => sprintf('bench:key:%06d', $i), range(0, $o['keys'] - 1));
$value = substr(str_repeat('abcdefghijklmnopqrstuvwxyz0123456789', 40), 0, 100);
$session = substr(str_repeat('abcdefghijklmnopqrstuvwxyz0123456789', 40), 0, SESSION_VALUE);
$batchKeys = array_slice($keys, 0, BATCH);
$batchItems = array_fill_keys($batchKeys, $value);

function must($ok, Memcached $m, string $what) {
    if ($ok === false) { fwrite(STDERR, "$what: " . $m->getResultMessage() . "\n"); exit(1); }
    return $ok;
}

function open_client(array $o, ?string $id): Memcached {
    $m = $id === null ? new Memcached() : new Memcached($id);
    $m->setOption(Memcached::OPT_BINARY_PROTOCOL, true);
    $m->setOption(Memcached::OPT_TCP_NODELAY, true);
    if ($o['mode'] === 'buffer') { $m->setOption(Memcached::OPT_BUFFER_WRITES, true); $m->setOption(Memcached::OPT_NOREPLY, true); }
    if ($o['user'] !== '') $m->setSaslAuthData($o['user'], $o['pass']);
    if ($o['unix'] !== '') $m->addServer($o['unix'], 0); else $m->addServer($o['host'], $o['port']);
    return $m;
}

function report(int $rep, int $ops, float $t0, array $r0): void {
    $wall = hrtime(true) / 1e9 - $t0;
    $r = getrusage();
    $d = fn($a) => $r["ru_$a.tv_sec"] - $r0["ru_$a.tv_sec"] + ($r["ru_$a.tv_usec"] - $r0["ru_$a.tv_usec"]) / 1e6;
    printf("{\"rep\":%d,\"ops\":%d,\"wall\":%.6f,\"user\":%.6f,\"sys\":%.6f,\"vcsw\":%d,\"icsw\":%d}\n", $rep, $ops, $wall,
        $d('utime'), $d('stime'), $r['ru_nvcsw'] - $r0['ru_nvcsw'], $r['ru_nivcsw'] - $r0['ru_nivcsw']);
}

function drive(array $o, callable $step, int $per, int $check): void {
    if ($o['ops'] > 0) {
        $r0 = getrusage(); $t0 = hrtime(true) / 1e9;
        for ($n = 0; $n < $o['ops']; $n += $per) $step();
        report(0, $n, $t0, $r0);
        return;
    }
    for ($end = hrtime(true) + $o['warm'] * 1e9; hrtime(true) < $end;) $step();
    for ($rep = 0; $rep < $o['reps']; $rep++) {
        $r0 = getrusage(); $t0 = hrtime(true) / 1e9;
        $end = ($t0 + $o['secs']) * 1e9; $n = 0;
        do { for ($i = 0; $i < $check; $i++) $step(); $n += $check * $per; } while (hrtime(true) < $end);
        report($rep, $n, $t0, $r0);
    }
}

if ($workload === 'w8s') {
    $save = $o['unix'] !== '' ? $o['unix'] . ':0' : "{$o['host']}:{$o['port']}";
    foreach (['session.save_handler' => 'memcached', 'session.save_path' => $save, 'session.use_cookies' => '0',
              'session.cache_limiter' => '', 'session.use_strict_mode' => '0', 'memcached.sess_locking' => '1',
              'memcached.sess_binary_protocol' => '1', 'memcached.sess_persistent' => '1',
              'session.lazy_write' => '0', 'session.gc_probability' => '0'] as $k => $v) ini_set($k, $v);
    session_id('benchsession');
    session_start(); $_SESSION['d'] = $session; session_write_close();
    drive($o, function () { session_start(); $_SESSION['n'] = ($_SESSION['n'] ?? 0) + 1; session_write_close(); }, 1, 4);
    exit(0);
}

$m = $workload === 'w7' ? null : open_client($o, 'bench');
$at = 0;
$buffered = $o['mode'] === 'buffer';
$steps = [
    'w1' => [function () use ($m, $keys, &$at) { $at = ($at + 1) % count($keys); must($m->get($keys[$at]), $m, 'get'); }, 1, 16],
    'w2' => [function () use ($m, $keys, $value, &$at) { $at = ($at + 1) % count($keys); must($m->set($keys[$at], $value), $m, 'set'); }, 1, 16],
    'w3' => [function () use ($m, $batchKeys) { if (count(must($m->getMulti($batchKeys), $m, 'getMulti')) !== BATCH) exit(1); }, BATCH, 1],
    'w4' => [function () use ($m, $batchItems, $buffered) { must($m->setMulti($batchItems), $m, 'setMulti'); if ($buffered) $m->flushBuffers(); }, BATCH, 1],
    'w5' => [function () use ($m, $o) { if (strlen(must($m->get(sprintf('bench:big:%07d', $o['value'])), $m, 'get')) !== $o['value']) exit(1); }, 1, $o['value'] > 50000 ? 1 : 16],
    'w7' => [function () use ($o, $keys) { $c = open_client($o, null); must($c->get($keys[1]), $c, 'get'); $c->quit(); }, 1, 1],
    'w8' => [function () use ($m, $session) {
        must($m->add('bench:session.lock', '1', 30), $m, 'add');
        must($m->get('bench:session'), $m, 'get');
        must($m->set('bench:session', $session), $m, 'set');
        must($m->delete('bench:session.lock'), $m, 'delete');
    }, 1, 4],
];
$steps['w7p'] = $steps['w1'];
if (!isset($steps[$workload])) { fwrite(STDERR, "$workload: not a workload of this peer\n"); exit(2); }
drive($o, ...$steps[$workload]);
