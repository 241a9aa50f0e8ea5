"""The memcached servers of a run, on free ports of the loopback address."""
import ctypes
import getpass
import os
import signal
import socket
import ssl
import struct
import subprocess
import tempfile
import time

USER, PASSWORD = "bench", "secret"
LARGE = {"10k": 10240, "100k": 102400, "1m": (1 << 20) - 100}
KEYS, SMALL, SESSION = 1000, 100, 1000


def value(size):
    """Printable bytes that look random, the same as the other drivers make."""
    alphabet = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"
    x, out = 2463534242, bytearray()
    for _ in range(size):
        x ^= x << 13 & 0xFFFFFFFF
        x ^= x >> 17
        x ^= x << 5 & 0xFFFFFFFF
        out.append(alphabet[x & 63])
    return bytes(out)


def die_with_parent():
    """In the child: ends with this process, however that ends (Linux)."""
    try:
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)
    except (OSError, AttributeError):
        pass


class Server:
    """One memcached with one worker thread."""

    def __init__(self, folder, name, options=(), environment=None, arguments=(), tls=None, login=False):
        self.arguments, self.tls, self.login = list(arguments), tls, login
        self.port_file = os.path.join(folder, name + ".port")
        self.log = os.path.join(folder, name + ".log")
        command = ["memcached", "-u", getpass.getuser(), "-m", "512", "-c", "4096", "-t", "1",
                   "-l", "127.0.0.1", "-p", "-1", "-U", "0", *options]
        with open(self.log, "w") as log:
            self.process = subprocess.Popen(
                command, stdout=log, stderr=log, preexec_fn=die_with_parent,
                env={**os.environ, "MEMCACHED_PORT_FILENAME": self.port_file, **(environment or {})})
        self.port = self._port()
        self.arguments = ["--port", str(self.port)] + self.arguments

    @property
    def pid(self):
        return self.process.pid

    def _port(self):
        for _ in range(100):
            if self.process.poll() is not None:
                break
            if os.path.exists(self.port_file):
                for line in open(self.port_file):
                    if line.startswith("TCP INET: "):
                        return int(line.split(": ")[1])
            time.sleep(0.05)
        raise SystemExit("memcached did not start:\n" + open(self.log).read())

    def stop(self):
        self.process.terminate()
        self.process.wait()

    def _connect(self):
        plain = socket.create_connection(("127.0.0.1", self.port), 5)
        if not self.tls:
            return plain
        return ssl.create_default_context(cafile=self.tls).wrap_socket(plain, server_hostname="localhost")

    @staticmethod
    def _request(opcode, key, body, extras=b""):
        total = len(extras) + len(key) + len(body)
        return struct.pack(">BBHBBHIIQ", 0x80, opcode, len(key), len(extras), 0, 0, total, 0, 0) + extras + key + body

    def store(self, items):
        """Stores pairs of key and value, over the binary protocol, and sees that each is stored."""
        with self._connect() as connection:
            file = connection.makefile("rb")

            def exchange(request):
                connection.sendall(request)
                header = struct.unpack(">BBHBBHIIQ", file.read(24))
                body = file.read(header[6])
                if header[0] != 0x81 or header[5] != 0:
                    raise SystemExit("memcached refused to store: status %d %r" % (header[5], body))

            if self.login:
                exchange(self._request(0x21, b"PLAIN", b"\0%s\0%s" % (USER.encode(), PASSWORD.encode())))
            for key, data in items:
                exchange(self._request(0x01, key.encode(), data, b"\0" * 8))

    def preload(self):
        """Stores what the workloads read."""
        small = value(SMALL)
        items = [("bench:key:%06d" % i, small) for i in range(KEYS)]
        items += [("bench:big:%07d" % size, value(size)) for size in LARGE.values()]
        items.append(("bench:session", value(SESSION)))
        self.store(items)


class Servers:
    """A plain one, one with SASL and one with TLS; `with` starts and stops them."""

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="memcached-bench-")
        folder, self.all = self.folder.name, {}
        certificate, key = os.path.join(folder, "cert.pem"), os.path.join(folder, "key.pem")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate,
                        "-days", "2", "-subj", "/CN=localhost",
                        "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"], check=True, capture_output=True)
        self.certificate = certificate
        database = os.path.join(folder, "sasldb")
        with open(os.path.join(folder, "memcached.conf"), "w") as file:
            file.write("mech_list: plain\npwcheck_method: auxprop\nauxprop_plugin: sasldb\nsasldb_path: %s\n" % database)
        subprocess.run(["saslpasswd2", "-p", "-c", "-a", "memcached", "-u", socket.gethostname(), "-f", database, USER],
                       input=PASSWORD.encode(), check=True)
        login = ["--user", USER, "--pass", PASSWORD]
        try:
            self.all["plain"] = Server(folder, "plain")
            self.all["sasl"] = Server(folder, "sasl", ["-S"], {"SASL_CONF_PATH": folder}, login, login=True)
            self.all["tls"] = Server(folder, "tls", ["-Z", "-o", "ssl_chain_cert=%s,ssl_key=%s" % (certificate, key)],
                                     tls=certificate)
            for server in self.all.values():
                server.preload()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for server in self.all.values():
            server.stop()
        self.folder.cleanup()

    def __getitem__(self, name):
        return self.all[name]
