x
more
