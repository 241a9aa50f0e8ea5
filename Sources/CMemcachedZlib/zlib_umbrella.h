// The system's zlib (RFC 1950 and 1951), as its development package installs it: zlib1g-dev, zlib-devel, the macOS SDK.
#include <zlib.h>
