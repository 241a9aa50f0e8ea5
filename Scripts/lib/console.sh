# shellcheck shell=bash
# What the scripts say, and how they stop. Sourced.

say() { printf '\n==> %s\n' "$*"; }
note() { printf '    %s\n' "$*"; }

# fail MESSAGE [LINE…]: says on standard error what is wrong and what to do about it, and ends the script.
fail() {
    printf 'error: %s\n' "$1" >&2
    shift
    if (($# > 0)); then printf '       %s\n' "$@" >&2; fi
    exit 1
}

# in_minutes SECONDS: "1.5" for 90.
in_minutes() { printf '%d.%d' $(($1 / 60)) $(($1 % 60 / 6)); }
