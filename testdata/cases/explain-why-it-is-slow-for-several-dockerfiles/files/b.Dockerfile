FROM scratch
COPY src /src
