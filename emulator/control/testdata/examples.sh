#!/bin/sh
# Controls an emulated modem with curl alone. SOCKET is the control socket, such
# as $XDG_RUNTIME_DIR/nrf91emu/pts-5.sock for the modem on /dev/pts/5.
set -eu

ctl() {
    curl --silent --show-error --fail-with-body --unix-socket "$SOCKET" "$@"
}

# What is it, and what is it doing?
ctl http://modem/v1/state

# Prepare a boot: an old PSK identity is stored before the firmware runs.
printf 'old-identity' | ctl --upload-file - http://modem/v1/credentials/24/4
ctl http://modem/v1/credentials

# Let the power fail in the third flash step from now, and see it fail.
ctl --request PUT --data '{"after": 2, "tear": "random torn"}' http://modem/v1/planned-cut
if printf 'new-identity' | ctl --upload-file - http://modem/v1/credentials/24/4; then
    echo "the power should have failed" >&2
    exit 1
fi
ctl --request POST http://modem/v1/power/on

# The old content is whole.
test "$(ctl http://modem/v1/credentials/24/4)" = "old-identity"

# What all this has cost the flash, and what happened.
ctl http://modem/v1/wear
ctl 'http://modem/v1/events?since=0'
