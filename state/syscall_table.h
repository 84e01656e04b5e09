/*
 * What the model knows of single system calls: one row for each that does I/O or changes the
 * descriptors of its process.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_SYSCALL_TABLE_H
#define LTTNGA_SYSCALL_TABLE_H

#include <stdint.h>

enum io_class { IO_NONE, IO_OPEN, IO_READ, IO_WRITE, IO_SYNC, IO_CLOSE };

/* What a call does to descriptors when it has succeeded. */
enum fd_op {
	FD_KEEP,   /* nothing */
	FD_OPEN,   /* returns a new one, for the path of the call */
	FD_NEW,    /* returns a new one, for something without a path: row->label */
	FD_ACCEPT, /* returns a new one, named by the peer's address */
	FD_PAIR,   /* makes two, told at exit */
	FD_DUP,    /* returns a copy of fd */
	FD_DUP_TO, /* makes fd2 a copy of fd */
	FD_FCNTL,  /* fd2 is the command, flags its argument; only a copy counts as I/O */
	FD_CLOSE,
	FD_CLOSE_RANGE,
	FD_CONNECT, /* gives a socket the name of its peer */
	FD_UNSHARE, /* a table of its own if flags say so */
	FD_CLONE,   /* flags say whether the child shares the table */
};

/* A field by name ("a|b" for names over time) and its place among the arguments (-1: none). */
struct syscall_arg {
	const char *field;
	int8_t position;
};

struct syscall_row {
	const char *name;
	uint8_t io; /* enum io_class */
	uint8_t op; /* enum fd_op */
	struct syscall_arg fd, fd2, count, flags;
	const char *path;  /* field with a file name */
	const char *label; /* what an FD_NEW descriptor is called */
	int64_t cloexec;   /* the bit of flags that means close-on-exec */
};

/* Rows 1 to SYSCALL_ROWS; the number of a row is the number of the call. */
extern const struct syscall_row syscall_rows[];
extern const unsigned int SYSCALL_ROWS;

/* The name that scripts see: "open", "read", "write", "sync", "close", or NULL. */
const char *io_class_name(enum io_class io);

#endif
