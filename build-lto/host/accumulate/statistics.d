build-lto/host/accumulate/statistics.o: host/accumulate/statistics.c \
 host/accumulate/statistics.h host/accumulate/samples.h
host/accumulate/statistics.h:
host/accumulate/samples.h:
