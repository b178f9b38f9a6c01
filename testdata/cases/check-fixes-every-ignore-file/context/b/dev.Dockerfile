FROM scratch
COPY lib/y /lib/
