# What it needs at run time: a user without rights, one writable volume (/app/data), and no shell.
# Whoever publishes an image pins the base by digest: docker build --build-arg NODE_IMAGE=node:24-slim@sha256:...
ARG NODE_IMAGE=node:24-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json ./
COPY .config/tsconfig.build.json .config/vite.config.mjs .config/vite.service.config.mjs .config/
COPY src src
COPY cql cql
COPY cards cards
RUN npm run build && npm run sbom && npm prune --omit=dev --ignore-scripts --no-audit --no-fund && mkdir data

FROM ${NODE_IMAGE}
# CLIENT_AUTH has no default here: with NODE_ENV=production the service refuses to start until somebody says it.
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000 TZ=UTC
WORKDIR /app
COPY LICENSE NOTICE package.json ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY --from=build /app/cql cql
COPY --from=build /app/cards cards
COPY --from=build /app/src/web/samples src/web/samples
COPY --from=build --chown=node:node /app/data data
USER node
VOLUME /app/data
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=3s --start-period=15s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + process.env.PORT + '/health/ready').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "--max-semi-space-size=8", "--heap-growing-percent=40", "--no-memory-reducer", "--no-allocation-site-pretenuring", "dist/main.js"]
