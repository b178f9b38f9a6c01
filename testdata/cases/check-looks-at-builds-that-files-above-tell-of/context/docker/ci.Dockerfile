FROM scratch
COPY ci-only /
