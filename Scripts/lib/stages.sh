# shellcheck shell=bash
# Stages: one command each, in the background with a log of its own, shown while it runs, timed, ended when it takes
# too long, and checked for processes that it left. Sourced, after console.sh and processes.sh.
#
# shellcheck disable=SC2154 # run_variable and run_id are processes.sh's
#
# A script calls `stage NAME FUNCTION` for each, then `run_stages`. The summary is printed on every way out.

stage_limit_minutes=25
stage_names=()
stage_commands=()
stage_results=()
stage_running=-1
stage_process=
stage_started=0
stages_log_folder=

# stage NAME FUNCTION: plans a stage. The function finds the path of its own log in $stage_log.
stage() {
    stage_names+=("$1")
    stage_commands+=("$2")
}

# run_stages LOG_FOLDER: runs what was planned, in order, up to the first failure.
run_stages() {
    stages_log_folder=$1
    mkdir -p "$stages_log_folder"
    rm -f "$stages_log_folder"/*.log
    trap 'exit 129' HUP
    trap 'exit 130' INT
    trap 'exit 143' TERM
    trap 'finish_stages $?' EXIT
    local index
    for ((index = 0; index < ${#stage_names[@]}; index++)); do
        run_stage "$index"
    done
}

# log_of COMMAND: where the stage that runs this command writes.
log_of() { printf '%s/%s.log' "$stages_log_folder" "$1"; }

run_stage() {
    local name=${stage_names[$1]} command=${stage_commands[$1]} log status=0
    log=$(log_of "$command")
    say "$name"
    stage_running=$1
    stage_started=$SECONDS
    : > "$log"

    # Job control gives the stage its own process group, so a Ctrl-C reaches this script alone, which ends the stage.
    set -m
    (
        export "$run_variable=$run_id"
        # Read by the stage's command.
        # shellcheck disable=SC2034
        stage_log=$log
        "$command"
    ) > "$log" 2>&1 < /dev/null &
    stage_process=$!
    set +m
    if show_log "$log" "$stage_process"; then
        wait "$stage_process" || status=$?
    else
        printf 'error: "%s" was ended after %s minutes\n' "$name" "$stage_limit_minutes" >&2
        status=1
    fi

    if ! wait_for_no_process 30; then
        # shellcheck disable=SC2046 # ids are words
        describe_processes $(run_processes) | sed 's/^/    left running: /'
        end_processes TERM KILL
        printf 'error: "%s" left processes running; they were ended\n' "$name" >&2
        if ((status == 0)); then status=1; fi
    fi
    if ((status != 0)); then
        show_failures "$log"
        note "log: $log"
        exit "$status"
    fi
    stage_results[$1]=$((SECONDS - stage_started))
    stage_running=-1
    stage_process=
}

# show_log LOG PID: prints the growing log until the process ends. Of the compiler's "[12/345] Compiling …" lines one
# in five seconds is shown. False when the time of the stage is up.
show_log() {
    local line rest='' last_progress=-5 ended=false
    exec 3< "$1"
    while true; do
        # Looked at before reading: what was written before the end is still read and shown.
        kill -0 "$2" 2> /dev/null || ended=true
        while IFS= read -r line <&3; do
            line=$rest$line
            rest=''
            if [[ $line =~ ^\[[0-9]+/[0-9]+\]\  ]]; then
                if ((SECONDS - last_progress < 5)); then continue; fi
                last_progress=$SECONDS
            fi
            printf '%s\n' "$line"
        done
        rest=$rest$line
        if $ended; then break; fi
        if ((SECONDS - stage_started > stage_limit_minutes * 60)); then
            exec 3<&-
            return 1
        fi
        sleep 0.2
    done
    if [[ -n $rest ]]; then printf '%s\n' "$rest"; fi
    exec 3<&-
}

# show_failures LOG: once more, at the end, what a long log says of errors and of tests that failed.
show_failures() {
    local failures
    failures=$(grep -E -A 2 '^✘ .* recorded an issue|(^|: )(fatal |internal )?error: |^(ERROR|SUMMARY|WARNING): .*Sanitizer' \
        "$1" | grep -v '^--$' | head -n 60) || true
    if [[ -z $failures ]]; then return 0; fi
    printf '\nWhat failed:\n'
    printf '    %s\n' "${failures//$'\n'/$'\n'    }"
}

# finish_stages STATUS: the way out of the script, whatever led to it.
finish_stages() {
    trap '' HUP INT TERM
    trap - EXIT
    if [[ -n $stage_process ]]; then kill -s INT -- "-$stage_process" 2> /dev/null || true; fi
    if [[ -n $(run_processes) ]]; then note 'ending what still runs; up to 9 seconds'; fi
    # SwiftPM ends its own children on an interrupt; the rest is for what does not listen.
    end_processes INT TERM KILL
    if [[ -n $stage_process ]]; then
        kill -s KILL -- "-$stage_process" 2> /dev/null || true
        wait "$stage_process" 2> /dev/null || true
    fi
    summarise_stages
    exit "$1"
}

summarise_stages() {
    local index passed=0 failed=0
    say "Summary (minutes)"
    for ((index = 0; index < ${#stage_names[@]}; index++)); do
        if [[ -n ${stage_results[$index]-} ]]; then
            summary_line ok "$(in_minutes "${stage_results[$index]}")" "${stage_names[$index]}"
            passed=$((passed + 1))
        elif ((index == stage_running)); then
            summary_line FAILED "$(in_minutes $((SECONDS - stage_started)))" "${stage_names[$index]}"
            failed=$((failed + 1))
        else
            summary_line 'not run' '' "${stage_names[$index]}"
        fi
    done
    summary_line '' "$(in_minutes "$SECONDS")" 'in all'
    printf 'stages: %d passed, %d failed\n' "$passed" "$failed"
}

summary_line() { printf '    %-8s %5s  %s\n' "$1" "$2" "$3"; }
