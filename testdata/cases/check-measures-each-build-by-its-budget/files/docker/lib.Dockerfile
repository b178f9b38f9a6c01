FROM scratch AS small
COPY lib /lib
FROM small AS all
COPY . /
FROM small
