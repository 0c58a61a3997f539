# Images of the server and of the worker: `docker build --target server .`
ARG NODE=24-slim

FROM node:${NODE} AS build
WORKDIR /presage
ENV CI=true
COPY package.json pnpm-lock.yaml pnpm-workspace.yaml ./
# The packages by the lockfile alone, so that a change of code does not fetch them again.
RUN npx --yes pnpm@12.21.0 fetch
COPY . .
RUN npx --yes pnpm@12.21.0 install --offline --frozen-lockfile \
  && npx --yes pnpm@12.21.0 generate:prisma \
  && node deploy/build.mjs \
  && npx --yes pnpm@12.21.0 --filter @presage/server deploy --prod /images/server \
  && npx --yes pnpm@12.21.0 --filter @presage/worker deploy --prod /images/worker

FROM node:${NODE} AS base
ENV NODE_ENV=production
WORKDIR /presage
USER node
CMD ["node", "--enable-source-maps", "dist/main.js"]

FROM base AS server
COPY --from=build /images/server .
ENV HOST=0.0.0.0 PORT=4000
EXPOSE 4000
HEALTHCHECK --interval=5s --timeout=3s --start-period=30s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:4000/ready').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]

FROM base AS worker
COPY --from=build /images/worker .
