#!/bin/sh
# Mails every five minutes; housekeeping and a backup once a day after two at night, and on Sundays the check of the
# history. A job that fails is told in the log, and the others go on. `once` does everything and ends, with 1 for a failure.
set -u
cd "$(dirname "$0")/../.."
now() { TZ=JST-9 date "$@"; }
failed=0
run() { python manage.py "$@" || { echo "manage.py $1: failed" >&2; failed=1; }; }
mails() { [ -z "${EMAIL_HOST:-}" ] || run send_mails; }
night() {
    run housekeeping
    run backup "${BACKUPS:-/backups}/"
}

if [ "${1:-}" = once ]; then
    mails
    night
    run verify_events
    exit "$failed"
fi
done_on=''
while true; do
    mails
    if [ "$(now +%H)" -ge 2 ] && [ "$(now +%F)" != "$done_on" ]; then
        night
        [ "$(now +%u)" != 7 ] || run verify_events
        done_on=$(now +%F)
    fi
    sleep 300
done
