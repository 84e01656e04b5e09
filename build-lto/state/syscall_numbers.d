build-lto/state/syscall_numbers.o: state/syscall_numbers.c \
 state/syscall_numbers.h state/syscall_numbers.inc
state/syscall_numbers.h:
state/syscall_numbers.inc:
