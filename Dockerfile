# The image holds the compiled service, its production packages, node and git, and runs as a plain user.
# Nothing in it is written to but /app/data and /app/certs: `docker run --read-only` works.
FROM node:20-bookworm AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY tsconfig.json ./
COPY src src
RUN npx tsc \
  && rm -r dist/src/quickstart \
  && npm prune --omit=dev \
  && rm -rf node_modules/better-sqlite3/deps node_modules/better-sqlite3/src \
  && find node_modules/better-sqlite3/build -type f ! -name better_sqlite3.node -delete

FROM node:20-bookworm-slim
RUN apt-get update \
  && apt-get install -y --no-install-recommends git tini \
  && rm -rf /var/lib/apt/lists/* /var/log/apt /var/log/dpkg.log
WORKDIR /app
COPY --from=build /build/package.json ./
COPY --from=build /build/node_modules node_modules
COPY --from=build /build/dist/src dist/src
COPY src/web/assets src/web/assets
COPY src/repositories/hooks src/repositories/hooks
RUN install -d -o node -g node data data/git certs \
  && ln -s /app/dist/src/main.js /usr/local/bin/pullgate \
  && chmod +x dist/src/main.js
# A number, so that Kubernetes can tell that it is not root.
USER 1000:1000
ENV NODE_ENV=production PULLGATE_HTTP_LISTEN=0.0.0.0:5080
EXPOSE 5080
VOLUME ["/app/data", "/app/certs"]
HEALTHCHECK --interval=10s --timeout=5s --start-period=10s CMD ["pullgate", "health"]
# tini passes signals on, and buries what git leaves behind.
ENTRYPOINT ["tini", "--", "pullgate"]
CMD ["serve"]
