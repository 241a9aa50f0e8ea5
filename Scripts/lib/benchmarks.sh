# shellcheck shell=bash
# Builds the driver of the benchmarks and the programs of the other clients. Sourced, after console.sh and
# dependencies.sh.
# shellcheck disable=SC2154 # root is that script's

benchmarks_build=$root/Benchmarks/.build
peers_build=$root/.build-peers
peers=$root/Benchmarks/Peers

build_driver() {
    if [[ ! -d $benchmarks_build/checkouts ]]; then
        say 'Building the driver: the first build compiles SwiftNIO and BoringSSL, 3 to 6 minutes on 2 cores'
    fi
    swift_build --package-path "$root/Benchmarks" --scratch-path "$benchmarks_build" -c release --product memcached-bench
}

# compile TARGET SOURCE OPTION…: unless TARGET is newer than all C sources.
compile() {
    local target=$peers_build/$1 source=$peers/c/$2
    shift 2
    if [[ -n $(find "$peers/c" -newer "$target" -print -quit 2> /dev/null || echo missing) ]]; then
        gcc -O2 -Wall -Wextra -o "$target" "$source" "$@"
    fi
}

build_peers() {
    mkdir -p "$peers_build"
    compile raw raw.c -lssl -lcrypto
    compile libmemcached libmemcached.c -lmemcached -lmemcachedutil -lsasl2 -lpthread
    compile allocations.so allocations.c -fPIC -shared

    local python=$peers_build/venv/bin/python
    if ! "$python" -c 'import bmemcached, pylibmc' 2> /dev/null; then
        say 'Installing pylibmc and python-binary-memcached from PyPI'
        python3 -m venv "$peers_build/venv"
        # From source: the SASL library in the wheel of pylibmc finds no mechanisms.
        "$python" -m pip install --quiet --disable-pip-version-check --no-binary pylibmc pylibmc python-binary-memcached
    fi
}

# compare OPTION…: the comparison itself.
compare() {
    PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$peers python3 -m compare \
        --build "$peers_build" --driver "$benchmarks_build/release/memcached-bench" "$@"
}

# The driver does every workload against real servers, and ends at a wrong reply.
check_benchmarks() {
    build_driver
    compare --check --out "$peers_build/results"
}

# The same as a stage of Scripts/test behind build_release, in whose folder all that the driver needs is compiled already.
check_driver() {
    benchmarks_build=$root/.build
    check_benchmarks
}
