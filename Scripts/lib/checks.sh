# shellcheck shell=bash
# What the stages of Scripts/test do. Sourced, after the other parts, by a script that sets `selection` and `sanitizer`.
# shellcheck disable=SC2154 # root, selection, sanitizer are that script's, stage_log is stages.sh's
#
# One build folder per configuration: they would evict each other from a common one.

check_compose_file() {
    local compose
    read -r -a compose <<< "$(compose_command)"
    "${compose[@]}" -f docker-compose.yml config -q
    echo 'docker-compose.yml is valid'
}

check_format() {
    local path paths=()
    for path in Sources Tests Examples Snippets Benchmarks Package.swift; do
        if [[ -e $path ]]; then paths+=("$path"); fi
    done
    swift format lint --strict --parallel -r "${paths[@]}"
    echo "${paths[*]}: as the formatter wants them"
}

# With all traits: they add files and change none (check_traits), so that all tests are tests of the package without them
# too. Without them it is compiled for the sanitizers, in release mode and for the fuzzers.
build_debug() { build_tests .build --enable-all-traits; }
test_debug() { run_all_tests .build --enable-all-traits; }

# Whatever depends on a trait is a file of its own, from its first line to its last: no code is another with a trait.
check_traits() {
    local file count=0
    for file in $(grep -rlE '# *(if|elseif).*(ConfigurationSupport|HummingbirdSupport)' Sources Tests --include='*.swift'); do
        if ! awk '
            /^ *#(if|elseif).*(Configuration|Hummingbird)Support/ && NR > 1 { bad = 1 }
            /^ *#(else|elseif)/ && depth < 2 { bad = 1 }
            /^ *#if/ { depth++ }
            depth == 0 { bad = 1 }
            /^ *#endif/ { depth-- }
            END { exit bad }
        ' "$file"; then
            echo "error: $file is not as a whole what a trait adds"
            return 1
        fi
        count=$((count + 1))
    done
    echo "$count files belong to a trait, each as a whole"
    if ((count == 0)); then return 1; fi
}

build_sanitized() {
    local flags=()
    if [[ $sanitizer == thread ]]; then flags=("${thread_sanitizer_flags[@]}"); fi
    build_tests ".build-$sanitizer" --sanitize="$sanitizer" ${flags[@]+"${flags[@]}"}
}
test_sanitized() {
    use_suppressions "$sanitizer"
    run_all_tests ".build-$sanitizer" --sanitize="$sanitizer"
}
build_thread() { sanitizer=thread build_sanitized; }

# Units, connections and the storm of faults. Left out is what measures time against a bound of the specification: the
# sanitizer slows everything down tenfold.
test_thread() {
    local sanitizer=thread target selection
    for target in MemcachedTests MemcachedSessionsTests MemcachedSoakTests \
        'MemcachedIntegrationTests\.(Integrity|Multiplexing|Lifetime|Operation)Tests'; do
        selection=(--filter "^${target}[./]" --skip 'a restarted server costs a bounded time' --no-parallel)
        # Few enough tests of their own to run side by side.
        if [[ $target != *Integration* ]]; then selection=("${selection[@]:0:4}"); fi
        test_sanitized
    done
}

# Where there is no release build yet, in its folder: what it will need of C, which is half of all that is compiled, is
# compiled once then. Later, in a folder of its own.
check_fuzz() {
    local folder=.build
    if [[ -d .build/release ]]; then folder=.build-fuzz; fi
    Scripts/fuzz --seconds 60 --build "$folder"
}
build_example() { build_tests "$root/.build-examples" --package-path Examples; }
test_example() { run_tests "$root/.build-examples" --package-path Examples; }

# build_tests SCRATCH_PATH OPTION…
build_tests() {
    if [[ ! -d $1/checkouts ]]; then
        echo 'The first build compiles the dependencies too: 2 to 4 minutes on 2 cores.'
    fi
    keep_warnings swift_build --build-tests --scratch-path "$@"
}

build_release() { keep_warnings swift_build -c release --scratch-path .build; }

# keep_warnings COMMAND…: runs a command that builds. The compiler does not repeat the warning of a file that it need
# not compile again, so where there is one our modules are made to be compiled again by the next run, whatever becomes
# of this one.
keep_warnings() {
    local status=0
    "$@" || status=$?
    if [[ -n $(own_warnings "$stage_log") ]]; then forget_own_modules; fi
    return "$status"
}

# run_all_tests SCRATCH_PATH OPTION…: the units that only compute together, then each other target by itself: all at once
# they would take the processor from one another, and tests with locks and deadlines would measure that. Under the thread
# sanitizer, which slows everything down tenfold, even the tests of one target would.
run_all_tests() {
    local target computing=()
    if ((${#selection[@]} > 0)); then
        run_tests "$@"
        return
    fi
    for target in Tests/*; do
        if ! only_computes "$target"; then computing+=(--skip "^$(basename "$target")\\."); fi
    done
    selection=("${computing[@]}")
    run_tests "$@"
    for target in Tests/*; do
        if only_computes "$target" || ! has_tests "$target"; then continue; fi
        # Empty without the trait.
        if [[ $target == Tests/Hummingbird* && $* != *--enable-all-traits* ]]; then continue; fi
        selection=(--filter "^$(basename "$target")\\.")
        if [[ ${sanitizer-} == thread && $target == *IntegrationTests ]]; then selection+=(--no-parallel); fi
        if [[ ${sanitizer-} == address && $target == *SoakTests ]]; then
            # The sanitizer keeps each stack that ever allocated something; a storm of faults has new ones all the time,
            # and its memory is bounded.
            (export ASAN_OPTIONS="$ASAN_OPTIONS:malloc_context_size=12" && run_tests "$@")
        else
            run_tests "$@"
        fi
    done
    selection=()
}

# Whether a test target neither starts servers nor has many tasks that wait for one another.
only_computes() {
    case $(basename "$1") in
        *IntegrationTests | MemcTests | MemcachedTestSupportTests | MemcachedPeerCasesTests | MemcachedSoakTests) return 1 ;;
        MemcachedTests | MemcachedSessionsTests) return 1 ;;
        *) return 0 ;;
    esac
}

# Whether there are tests in a folder below Tests; some hold what tests need.
has_tests() { grep -rqE '^ *@Test' "$1" --include='*.swift'; }

# run_tests SCRATCH_PATH OPTION…: all tests are Swift Testing's. With XCTest off its "Executed 0 tests" is not printed,
# and the leak that LeakSanitizer finds in XCTest's own main does not fail the run.
#
# On Linux the tests are a program, which is started as `swift test` would: that one plans the build first, which takes
# many times as long as most of our tests.
run_tests() {
    local program before status=0
    if grep -rlsE '^ *(public |package |internal )?import XCTest' Tests Examples --include='*.swift'; then
        echo 'error: these files use XCTest, which is not run here; use Swift Testing'
        return 1
    fi
    before=$(count_test_runs)
    program=$(test_program "$@")
    if [[ -x $program && ! -d $program ]]; then
        "$program" --testing-library swift-testing ${selection[@]+"${selection[@]}"} || status=$?
    else
        swift test --skip-build --disable-xctest --scratch-path "$@" ${selection[@]+"${selection[@]}"} || status=$?
    fi
    if (($(count_test_runs) == before)); then
        echo "error: no test was run: ${selection[*]-}"
        return 1
    fi
    return "$status"
}

# How many runs of tests, of one test or more, the stage has written down.
count_test_runs() { grep -cE 'Test run with [1-9][0-9]* tests? ' "$stage_log" || true; }

# test_program SCRATCH_PATH OPTION…: where the tests of a package are built to.
test_program() {
    local package
    if [[ $* == *--package-path* ]]; then package=examples; else package=swift-memcached; fi
    printf '%s/debug/%sPackageTests.xctest' "$1" "$package"
}

# The demo has to leave the caches that the environment names alone: here they name a memcached of our own, which writes
# down each connection. That it would have written one down is seen by connecting to it at the end.
check_demo() {
    local folder port decoy
    folder=$(mktemp -d)
    MEMCACHED_PORT_FILENAME=$folder/port memcached -vv -u "$(id -un)" -l 127.0.0.1 -p -1 -U 0 2> "$folder/log" &
    decoy=$!
    # shellcheck disable=SC2064 # now, with these values
    trap "kill $decoy 2> /dev/null; rm -rf '$folder'" EXIT
    port=$(decoy_port "$folder/port")

    MEMCACHIER_SERVERS=127.0.0.1:$port MEMCACHIER_USERNAME=decoy MEMCACHIER_PASSWORD=decoy \
        keep_warnings Scripts/demo --check

    if grep -q 'client connection' "$folder/log"; then
        echo 'error: the demo connected to the server in MEMCACHIER_SERVERS'
        return 1
    fi
    exec 4<> "/dev/tcp/127.0.0.1/$port"
    printf 'version\r\n' >&4
    IFS= read -r -t 5 <&4
    exec 4>&-
    grep -q 'client connection' "$folder/log"
    echo 'The server in MEMCACHIER_SERVERS saw no connection.'
}

# decoy_port FILE: the port that memcached wrote there, in a line such as "TCP INET: 40125".
decoy_port() {
    local attempt port
    for ((attempt = 0; attempt < 50; attempt++)); do
        port=$(sed -n 's/^TCP INET: //p' "$1" 2> /dev/null || true)
        if [[ -n $port ]]; then
            echo "$port"
            return 0
        fi
        sleep 0.1
    done
    echo 'error: the memcached that must see no connection did not start' >&2
    return 1
}

# Warnings about our own sources and manifests, in every build of this run.
check_warnings() {
    local warnings
    warnings=$(own_warnings "$(dirname "$stage_log")"/{build_*,check_demo}.log)
    if [[ -z $warnings ]]; then
        echo 'No build of this run printed a warning about our sources.'
        return 0
    fi
    printf '%s\n' "$warnings"
    echo 'error: the lines above are warnings about our own sources or manifest'
    return 1
}

# own_warnings LOG…: the warnings in these logs that are ours; a log that does not exist has none.
own_warnings() {
    local position='^([^ ].*\.(swift|c|h):[0-9]+:[0-9]+|<unknown>:0): warning: '
    local package manifest
    package=$(basename "$root" | tr '[:upper:]' '[:lower:]')
    manifest="^warning: '($package|examples)': "
    grep -hsE "$position|$manifest" "$@" | grep -v '/checkouts/' | sort -u || true
}

forget_own_modules() {
    local module
    for module in Sources/*/ Tests/*/ Snippets/*/ Examples/*/Sources/*/; do
        if [[ ! -d $module ]]; then continue; fi
        module=$(basename "$module")
        rm -rf .build*/*/debug/"$module.build" .build*/*/release/"$module.build"
    done
}
