"""What was measured on: the machine and the versions of everything."""
import datetime
import os
import platform
import re
import subprocess


def first_line(command):
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=20)
    except OSError:
        return "?"
    lines = (done.stdout.strip() or done.stderr.strip()).splitlines()
    return lines[0] if lines else "?"


def processor():
    model, hypervisor = platform.machine(), ""
    try:
        text = open("/proc/cpuinfo").read()
    except OSError:
        return model
    match = re.search(r"(?m)^model name\s*: (.*)$", text)
    if re.search(r"(?m)^flags\s*:.*\bhypervisor\b", text):
        hypervisor = ", virtual"
    return "%s (%s%s)" % (match[1].strip() if match else "?", model, hypervisor)


def system():
    try:
        match = re.search(r'(?m)^PRETTY_NAME="(.*)"$', open("/etc/os-release").read())
    except OSError:
        match = None
    return "%s, Linux %s" % (match[1] if match else platform.system(), platform.release())


def describe(root, python):
    """Lines of a list: pairs of a name and a text."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2 ** 30

    def package(name):
        return first_line([python, "-c", "import importlib.metadata as m; print(m.version('%s'))" % name])

    libmemcached = first_line(["pkg-config", "--modversion", "libmemcached"])
    php = first_line(["php", "-r", "echo PHP_VERSION, ' with php-memcached ', phpversion('memcached');"])
    swift = re.search(r"Swift version [\w.\-]+", first_line(["swift", "--version"]))
    return [
        ("date", datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC")),
        ("machine", "%s, %d cores, %.0f GB" % (processor(), os.cpu_count(), memory)),
        ("system", system()),
        ("this package", first_line(["git", "-C", root, "describe", "--always", "--dirty", "--tags"])),
        ("Swift", swift[0].split()[-1] if swift else "?"),
        ("server", first_line(["memcached", "-V"]) + ", one worker thread, on the loopback address"),
        ("peers", "libmemcached %s, PHP %s, pylibmc %s on libmemcached, python-binary-memcached %s (Python %s), raw C: ours"
            % (libmemcached, php, package("pylibmc"), package("python-binary-memcached"),
               first_line([python, "-c", "import platform; print(platform.python_version())"]))),
    ]
