FROM scratch
COPY ["x%0A::error::\u001b31m]]>,|<b>", "/x"]
