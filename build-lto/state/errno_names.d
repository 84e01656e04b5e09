build-lto/state/errno_names.o: state/errno_names.c state/errno_names.h \
 state/syscall_numbers.h
state/errno_names.h:
state/syscall_numbers.h:
