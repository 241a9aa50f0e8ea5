# shellcheck shell=bash
# Finding and ending what a stage has started, also what left its process group. Sourced, after console.sh.
#
# Every process of a run inherits a variable with the run's id, which survives a new process group, a new session and
# the death of the parent. Only processes that carry this id are ever signalled.

run_variable=SWIFT_MEMCACHED_RUN
run_id="$$-$(date +%s)-$RANDOM"

# Prints the ids of the living processes of this run.
run_processes() {
    if [[ -r /proc/self/environ ]]; then
        grep -lzsx "$run_variable=$run_id" /proc/[0-9]*/environ | cut -d/ -f3 || true
    else
        # BSD ps prints the environment of the user's own processes after the command; pgrep does not look at it.
        # shellcheck disable=SC2009
        ps -axEww -o pid=,command= 2> /dev/null | grep -F "$run_variable=$run_id" | grep -v grep \
            | awk '{ print $1 }' || true
    fi
}

# describe_processes PID…
describe_processes() {
    ps -o pid=,args= -p "$(printf '%s,' "$@" | sed 's/,$//')" 2> /dev/null | cut -c1-110 || true
}

# wait_for_no_process TENTHS: true as soon as nothing of this run lives, false after that many tenths of a second.
wait_for_no_process() {
    local left=$1
    while [[ -n $(run_processes) ]]; do
        if ((left <= 0)); then return 1; fi
        left=$((left - 1))
        sleep 0.1
    done
}

# end_processes SIGNAL…: sends each signal in turn, waiting up to three seconds after each, until nothing lives.
end_processes() {
    local signal processes
    for signal in "$@"; do
        processes=$(run_processes)
        if [[ -z $processes ]]; then return 0; fi
        # shellcheck disable=SC2086 # ids are words; one of them may have ended since
        kill -s "$signal" $processes 2> /dev/null || true
        if wait_for_no_process 30; then return 0; fi
    done
}
