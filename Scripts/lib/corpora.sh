# shellcheck shell=bash
# The inputs that a fuzzer begins with, made of the captured vectors. Sourced.
#
# What the bytes of an input mean stands at the head of each check in Sources/FuzzChecks/Checks.

corpus_folder=
corpus_count=0

# make_corpus TARGET FIXTURES FOLDER
make_corpus() {
    corpus_folder=$3
    corpus_count=0
    case $1 in
        FuzzResponses) seed_responses "$2" ;;
        FuzzHeaders) seed_headers "$2" ;;
        FuzzSASL) seed_sasl "$2" ;;
        FuzzTranscoders) seed_transcoders "$2" ;;
        FuzzFastLZ) seed_fastlz "$2" ;;
        FuzzPHPSessions) seed_php_sessions "$2" ;;
        # Its first inputs are in Fixtures/fuzz.
        FuzzServers) ;;
        *) fail "Scripts/lib/corpora.sh has no vectors for $1" ;;
    esac
}

# seed HEX: one input.
seed() {
    if ((${#1} == 0 || ${#1} > 16384)); then return 0; fi
    corpus_count=$((corpus_count + 1))
    # shellcheck disable=SC2001 # a bracket expression in ${//} would be slower on long strings
    printf '%b' "$(sed 's/../\\x&/g' <<< "$1")" > "$corpus_folder/seed-$corpus_count"
}

# hex_members NAME FILE…: all values of a member that is a string of hexadecimal digits, also in nested objects.
hex_members() {
    local name=$1
    shift
    grep -hoE "\"$name\":\"[0-9a-f]+\"" "$@" | cut -d'"' -f4
}

# of_base64 TEXT: its bytes in hexadecimal digits.
of_base64() { printf '%s' "$1" | base64 -d | od -An -v -tx1 | tr -d ' \n'; }

seed_responses() {
    local hex
    while read -r hex; do
        seed "00$hex"
        seed "03000500180020$hex"
    done < <(hex_members response_hex "$1"/wire/*.jsonl)
}

seed_headers() {
    local hex
    while read -r hex; do
        seed "${hex:0:64}"
    done < <(hex_members '(request|response|prepare)_hex' "$1"/wire/*.jsonl)
}

# The bodies of SASL packets, behind the 24 bytes of the header: lists of mechanisms; mechanism and message.
seed_sasl() {
    local hex
    while read -r hex; do
        hex=${hex:48}
        seed "$hex"
        # As user and password: a bar where the message has its second NUL.
        if [[ $hex == *00* ]]; then seed "${hex%00*}7c${hex##*00}"; fi
    done < <(hex_members '(request|response)_hex' "$1"/wire/sasl_wire.jsonl)
}

# The lines that have flags and Base64, as "FLAGS BASE64".
flagged_values() {
    sed -nE 's/.*"flags":([0-9]+),.*"bytes_base64":"([^"]*)".*/\1 \2/p' "$@"
}

seed_transcoders() {
    local flags bytes hex number=0
    while read -r flags bytes; do
        if ((${#bytes} > 10000)); then continue; fi
        number=$((number + 1))
        hex=$(printf '%08x' "$flags")$(of_base64 "$bytes")
        # As php-memcached's: a string, and one of the other types. As anybody's: likewise.
        seed "02$hex"
        seed "$(printf '%02x' $((number % 10 * 3 + 2)))$hex"
        seed "$(printf '%02x' $((number % 10 * 3)))$hex"
        seed "$(printf '%02x' $((flags % 16 * 3 + 2)))$hex"
    done < <(flagged_values "$1"/values/*.jsonl)
}

# What stands behind the four bytes of length in values with FastLZ's bit, and the values of all others.
seed_fastlz() {
    local flags bytes hex
    while read -r flags bytes; do
        if ((${#bytes} > 10000)); then continue; fi
        hex=$(of_base64 "$bytes")
        if ((flags & 0x40)); then seed "${hex:8}"; else seed "$hex"; fi
    done < <(flagged_values "$1"/values/*.jsonl)
}

seed_php_sessions() {
    local handler bytes number
    while read -r handler bytes; do
        if ((${#bytes} > 2000)); then continue; fi
        case $handler in
            php) number=00 ;;
            php_binary) number=01 ;;
            php_serialize) number=02 ;;
            igbinary) number=03 ;;
            msgpack) number=04 ;;
            *) continue ;;
        esac
        seed "$number$(of_base64 "$bytes")"
    done < <(sed -nE 's/.*"handler":"([a-z_]+)".*"bytes_base64":"([^"]*)".*/\1 \2/p' "$1"/php/*.jsonl)
    while read -r _ bytes; do
        seed "05$(of_base64 "$bytes")"
    done < <(flagged_values "$1"/values/*.jsonl)
}
