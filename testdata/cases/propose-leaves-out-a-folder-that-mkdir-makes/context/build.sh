echo done > made/out
