#!/bin/sh
# One web node.
set -eu
cd "$(dirname "$0")/../.."
python manage.py collectstatic --noinput --verbosity 0
exec python -m gunicorn -c python:manifesto.gunicorn --worker-tmp-dir /dev/shm
