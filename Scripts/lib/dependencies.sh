# shellcheck shell=bash
# Swift, and what has to be on the machine beside it. Sourced, after console.sh and environment.sh.

# Prints how to call Compose here; fails where there is none.
compose_command() {
    if command -v docker-compose > /dev/null; then
        echo docker-compose
    elif docker compose version > /dev/null 2>&1; then
        echo docker compose
    else
        return 1
    fi
}

# Whether Cyrus SASL's mechanisms PLAIN and SCRAM are installed: memcached loads them, and refuses every login without.
has_sasl_mechanisms() {
    local mechanism file
    for mechanism in libplain libscram; do
        for file in /usr/lib/*/sasl2/"$mechanism".so* /usr/lib/sasl2/"$mechanism".so* /usr/lib64/sasl2/"$mechanism".so* \
            /usr/local/lib/sasl2/"$mechanism".so*; do
            if [[ -e $file ]]; then continue 2; fi
        done
        return 1
    done
}

# Whether zlib's header is there, for the product MemcachedZlib.
has_zlib_header() {
    if [[ $(uname -s) != Linux ]]; then return 0; fi
    [[ -e /usr/include/zlib.h || -e /usr/local/include/zlib.h ]]
}

# Whether PHP has an extension.
has_php_extension() { php -r "exit(extension_loaded('$1') ? 0 : 1);" > /dev/null 2>&1; }

# Whether an extension of Python can be compiled.
has_python_header() {
    python3 -c 'import os, sysconfig; assert os.path.exists(sysconfig.get_path("include") + "/Python.h")' 2> /dev/null
}

# has_header PATH: whether C finds a header.
has_header() {
    local folder
    for folder in /usr/include /usr/local/include /usr/include/*-linux-gnu; do
        if [[ -e $folder/$1 ]]; then return 0; fi
    done
    return 1
}

# missing_packages PURPOSE…: the Debian packages that are missing, one a line. Purposes: headers, servers, php, browser,
# compose, python, peers.
# Homebrew's memcached is built without SASL, so nothing of SASL is asked for outside Linux.
missing_packages() {
    local purpose
    for purpose in "$@"; do
        case $purpose in
            servers)
                command -v memcached > /dev/null || echo memcached
                if [[ $(uname -s) == Linux ]]; then
                    command -v saslpasswd2 > /dev/null || echo sasl2-bin
                    has_sasl_mechanisms || echo libsasl2-modules
                fi
                ;;
            headers) has_zlib_header || echo zlib1g-dev ;;
            php)
                command -v php > /dev/null || echo php-cli
                has_php_extension memcached || echo php-memcached
                has_php_extension igbinary || echo php-igbinary
                has_php_extension msgpack || echo php-msgpack
                ;;
            browser)
                command -v chromium > /dev/null || echo chromium
                command -v chromedriver > /dev/null || echo chromium-driver
                ;;
            compose) compose_command > /dev/null || echo docker-compose ;;
            python)
                command -v python3 > /dev/null || echo python3
                command -v openssl > /dev/null || echo openssl
                ;;
            # The other clients of Scripts/bench, and perf, which counts system calls.
            peers)
                command -v gcc > /dev/null || echo gcc
                command -v pkg-config > /dev/null || echo pkg-config
                has_header libmemcached/memcached.h || echo libmemcached-dev
                has_header sasl/sasl.h || echo libsasl2-dev
                has_header openssl/ssl.h || echo libssl-dev
                python3 -c 'import ensurepip, venv' 2> /dev/null || echo python3-venv
                has_python_header || echo python3-dev
                command -v perf > /dev/null || echo linux-perf
                ;;
            *) fail "no such purpose: $purpose" ;;
        esac
    done
}

require_swift() {
    command -v swift > /dev/null || fail 'Swift is not installed, or not in PATH.' \
        'Swift 6.2 or newer is needed: https://www.swift.org/install'
}

# What a build with the thread sanitizer needs beside --sanitize=thread: locks and continuations that it can follow
# (Sources/Memcached/Observability/ThreadSanitizer.swift), found in every file whatever that file imports.
# shellcheck disable=SC2034 # for who sources this
thread_sanitizer_flags=(
    -Xswiftc -DTHREAD_SANITIZER -Xswiftc -disable-upcoming-feature -Xswiftc MemberImportVisibility
)
# use_suppressions SANITIZER: for a run of it, what it reports and is none of ours.
# shellcheck disable=SC2154 # root is that script's
use_suppressions() {
    if [[ $1 == thread ]]; then
        # A process waits for a second at its end for late reports; tests start hundreds of them.
        export TSAN_OPTIONS="atexit_sleep_ms=100:suppressions=$root/Scripts/lib/thread-sanitizer.supp${TSAN_OPTIONS:+:$TSAN_OPTIONS}"
    else
        local leaks="suppressions=$root/Scripts/lib/leak-sanitizer.supp:print_suppressions=0"
        export LSAN_OPTIONS="$leaks${LSAN_OPTIONS:+:$LSAN_OPTIONS}"
        # The storm of faults bounds the memory of its process, and what is freed counts as long as it is kept from use.
        local memory="suppressions=$root/Scripts/lib/address-sanitizer.supp"
        memory+=":quarantine_size_mb=16:thread_local_quarantine_size_kb=64"
        export ASAN_OPTIONS="$memory${ASAN_OPTIONS:+:$ASAN_OPTIONS}"
    fi
}

# swift_build OPTION…: a build that was interrupted can leave an empty build manifest behind, and SwiftPM 6.3 takes it
# for a good one ever after ("unable to load build file"); writing it anew costs a fraction of a second.
swift_build() { swift build --disable-build-manifest-caching "$@"; }

# install_missing PURPOSE…: installs what is missing, and nothing when nothing is.
install_missing() {
    local missing
    missing=$(missing_packages "$@" | tr '\n' ' ')
    missing=${missing% }
    if [[ -z $missing ]]; then return 0; fi

    command -v apt-get > /dev/null || explain_without_apt "$missing"
    if ((EUID != 0)); then may_become_root "$missing"; fi

    say "Installing $missing with apt; about a minute"
    update_package_lists
    # shellcheck disable=SC2086 # package names are words
    apt_get install --yes --no-install-recommends $missing \
        || fail "apt-get could not install: $missing" "Try it by hand: apt-get update && apt-get install $missing"

    if [[ " $missing " == *" memcached "* && -d /run/systemd/system ]]; then
        note 'The package has started a memcached of its own on 127.0.0.1:11211. Nothing here uses it or its port.'
        note 'To be rid of it: sudo systemctl disable --now memcached'
    fi
    missing=$(missing_packages "$@" | tr '\n' ' ')
    if [[ -n $missing ]]; then fail "still missing after the installation: $missing"; fi
}

# apt_get SUBCOMMAND…: as root, asking nothing, and waiting for another apt that is at work.
apt_get() {
    set -- env DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 \
        apt-get -q -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=120 "$@"
    if ((EUID != 0)); then set -- sudo "$@"; fi
    "$@" < /dev/null
}

# The package lists have a lock that DPkg::Lock::Timeout does not cover. Without new lists the old ones may still do.
update_package_lists() {
    local attempt
    for attempt in 1 2 3; do
        if apt_get update; then return 0; fi
        if ((attempt < 3)); then
            note 'apt-get update failed; trying again in 10 seconds'
            sleep 10
        fi
    done
    note 'apt-get update failed three times; going on with the package lists that are here'
}

# may_become_root PACKAGES: ends the script where sudo is missing, or would ask for a password with nobody there.
may_become_root() {
    local by_hand="apt-get install $1"
    command -v sudo > /dev/null || fail "missing: $1; installing needs root, and there is no sudo." \
        "As root: $by_hand"
    if sudo -n true 2> /dev/null || [[ -t 0 ]]; then return 0; fi
    fail "missing: $1; sudo wants a password, and there is no terminal to ask on." "First: sudo $by_hand"
}

# explain_without_apt PACKAGES
explain_without_apt() {
    fail "missing (by Debian's names): $1; there is no apt-get here to install it with." \
        'macOS:      brew install memcached docker-compose    (this memcached has no SASL; the demo then runs plain)' \
        'elsewhere:  memcached built with SASL, saslpasswd2, the PLAIN and SCRAM mechanisms of Cyrus SASL, and Compose'
}
