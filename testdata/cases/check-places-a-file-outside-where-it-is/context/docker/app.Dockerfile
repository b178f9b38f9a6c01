FROM scratch
COPY nope /
