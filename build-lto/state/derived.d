build-lto/state/derived.o: state/derived.c state/derived.h state/events.h \
 state/strpool.h
state/derived.h:
state/events.h:
state/strpool.h:
