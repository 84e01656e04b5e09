build-lto/state/syscall_table.o: state/syscall_table.c \
 state/syscall_table.h
state/syscall_table.h:
