build-lto/host/accumulate/samples.o: host/accumulate/samples.c \
 host/accumulate/samples.h
host/accumulate/samples.h:
