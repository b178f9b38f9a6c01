FROM scratch
COPY dist /app
COPY src /src
