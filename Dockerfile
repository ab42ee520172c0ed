# The public site and its server. `docker compose up --build` starts it with PostgreSQL (docker-compose.yml).
FROM python:3.11-slim

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 STATE_DIR=/state
WORKDIR /app

COPY requirements/oidc.txt requirements/oidc.txt
RUN pip install --no-cache-dir --require-hashes -r requirements/oidc.txt \
    && useradd --system --create-home app \
    && mkdir /state \
    && chown app /state

COPY manage.py pyproject.toml ./
COPY manifesto manifesto
COPY tracker tracker
COPY templates templates
COPY fixtures fixtures

USER app
VOLUME /state
EXPOSE 8000
CMD ["gunicorn", "-c", "python:manifesto.gunicorn", "--bind", "0.0.0.0:8000", "--worker-tmp-dir", "/dev/shm"]
