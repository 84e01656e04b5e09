build-lto/state/inspect.o: state/inspect.c state/inspect.h \
 state/derived.h state/events.h state/strpool.h
state/inspect.h:
state/derived.h:
state/events.h:
state/strpool.h:
