# The site and its server. `make up` starts two of them with all that belongs to them (docker-compose.yml).
FROM python:3.11-slim

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 STATE_DIR=/state LISTEN_ADDRESS=0.0.0.0
WORKDIR /app

COPY requirements/oidc.txt requirements/oidc.txt
RUN pip install --no-cache-dir --require-hashes -r requirements/oidc.txt \
    && useradd --system --create-home app \
    && mkdir /state /backups \
    && chown app /state /backups

COPY manage.py pyproject.toml ./
COPY manifesto manifesto
COPY tracker tracker
COPY templates templates
COPY fixtures fixtures
COPY deploy deploy

USER app
VOLUME /state
EXPOSE 8000
CMD ["sh", "deploy/compose/web.sh"]
