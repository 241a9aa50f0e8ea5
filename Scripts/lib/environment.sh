# shellcheck shell=bash
# The environment that the tests and the demo run in. Sourced.

# saslpasswd2 lives in a system folder that an ordinary user's PATH lacks on Debian.
export PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"

# Forgets every variable that names somebody's cache or holds its password, so nothing here can reach it.
forget_cache_variables() {
    unset "${!MEMCACHIER_@}" "${!MEMCACHEDCLOUD_@}" "${!MEMCACHED_@}" "${!MEMCACHE_@}"
}
