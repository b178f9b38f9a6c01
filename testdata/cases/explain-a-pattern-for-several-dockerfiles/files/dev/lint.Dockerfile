FROM scratch
COPY src /src
COPY src/main.c /
