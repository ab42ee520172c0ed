#!/bin/sh
# The database becomes this version's. Run before the web nodes start; again it does nothing.
set -eu
cd "$(dirname "$0")/../.."
python manage.py migrate
python manage.py rebuild_index
if [ "${WITH_EXAMPLE:-false}" = true ]; then # to try: what is published stays for ever
    python manage.py import_report fixtures/isesaki_manifesto_2024-03.txt --publish --if-empty
fi
