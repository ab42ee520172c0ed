#!/bin/sh
# Random keys and a password for docker-compose.yml, to be written into .env once: whoever loses them loses the seals.
set -eu
for name in POSTGRES_PASSWORD SECRET_KEY SEAL_KEY SITE_KEY; do
    printf '%s=%s\n' "$name" "$(od -An -N 48 -t x1 /dev/urandom | tr -d ' \n')"
done
