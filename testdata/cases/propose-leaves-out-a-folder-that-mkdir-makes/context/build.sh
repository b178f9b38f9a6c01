echo done > work/out
