/*
 * What the model knows of single system calls: one row for each that does I/O or changes the
 * descriptors of its process.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_SYSCALL_TABLE_H
#define LTTNGA_SYSCALL_TABLE_H

#include <stdbool.h>
#include <stdint.h>

enum io_class {
	IO_NONE,
	IO_OPEN,
	IO_READ,
	IO_WRITE,
	IO_SYNC,
	IO_CLOSE,
	IO_ACCEPT, /* waits for a peer: a class of its own, for it takes as long as that does */
	IO_URING,  /* asks for other I/O, or waits for it */
	IO_COPY,   /* reads fd and writes fd2 */
};

/* What a call does to descriptors when it has succeeded. */
enum fd_op {
	FD_KEEP,   /* nothing */
	FD_OPEN,   /* returns a new one, for the path of the call (relative to the folder fd) */
	FD_NEW,    /* returns a new one, for something without a path: row->label */
	FD_SOCKET, /* the same; fd2 is the address family, flags the type */
	FD_ACCEPT, /* returns a new one, named by the peer's address */
	FD_PAIR,   /* makes two, told at exit */
	FD_DUP,    /* returns a copy of fd */
	FD_DUP_TO, /* makes fd2 a copy of fd */
	FD_FCNTL,  /* fd2 is the command, flags its argument; only a copy counts as I/O */
	FD_IOCTL,  /* fd2 is the command */
	FD_CLOSE,
	FD_CLOSE_RANGE,
	FD_CONNECT,    /* gives a socket the name of its peer; fd2 is the address family */
	FD_UNSHARE,    /* a table of its own if flags say so */
	FD_CLONE,      /* flags say whether the child shares the table */
	FD_SETNS,      /* it moves to other namespaces */
	FD_SOCKETCALL, /* one of several calls, which one flags tell: see socketcall_row() */
	FD_MOUNT,      /* mounts path2 at path; flags say how */
	FD_UMOUNT,     /* unmounts path */
};

/* What a call does to the page cache when it has succeeded, beside what its io_class says. */
enum cache_op {
	CACHE_NONE,
	CACHE_SEEK,     /* the next write(2) goes where it returns */
	CACHE_MAP,      /* the process may dirty pages of fd without a call; fd2 is prot */
	CACHE_TRUNCATE, /* the file ends at count now; only 0 is of interest */
	CACHE_UNLINK,   /* the path is gone */
	CACHE_RENAME, /* the path is called path2 now, or (link) also so; unless there are flags */
	CACHE_SETTLE, /* no page of fd is dirty that was so before */
	CACHE_SETTLE_DEVICE, /* the same for all files on its device */
	CACHE_SETTLE_ALL,    /* the same for all files */
};

/* What a call waits for, or makes others go on by, beside what it does to its descriptor. */
enum wait_op {
	WAITS_NOT,
	WAITS_FUTEX, /* for a wake of the address `pos` */
	WAITS_TIME,  /* until it is that time */
	WAITS_FILES, /* for one of several descriptors */
	WAITS_CHILD, /* for another process */
	WAITS_FORK,  /* (also) until a process that it has made executes a program */
	WAITS_SIGNAL,
	SENDS_SIGNAL,
	ENDS_THREAD,
};

/* A field by name ("a|b" for names over time; NULL: none) and its place among the arguments. */
struct syscall_arg {
	const char *field;
	int8_t position; /* -1: an `unknown` call can't tell */
};

#define CLOEXEC_ALWAYS (-1)

struct syscall_row {
	const char *name;
	uint8_t io;    /* enum io_class */
	uint8_t op;    /* enum fd_op */
	uint8_t cache; /* enum cache_op */
	uint8_t wait;  /* enum wait_op */
	struct syscall_arg fd, fd2, count, flags;
	struct syscall_arg
		pos; /* where in the file; of SENDS_SIGNAL who gets it, flags being the signal; of
				 * FD_SOCKET the protocol */
	int64_t implied;       /* flags of a call that has none */
	const char *path;      /* field with a file name */
	const char *path2;     /* another one */
	const char *hostname;  /* field with the machine's or container's new name */
	const char *label;     /* what a new descriptor without a path is called */
	int64_t cloexec;       /* the bit of flags that means close-on-exec, or CLOEXEC_ALWAYS */
	bool returns_messages; /* how many, not how many bytes */
	bool renames;          /* it can give the thread another name */
	bool executes;         /* it executes a program */
};

/* Rows 1 to SYSCALL_ROWS; the number of a row is the number of the call. */
extern const struct syscall_row syscall_rows[];
extern const unsigned int SYSCALL_ROWS;

/* The row of a call by number; one that says nothing for calls that have none. */
const struct syscall_row *syscall_row_of(uint16_t id);

/*
 * x86 has one call for all that is done to sockets (socketcall): what the one with this number does. Its
 * other arguments are in memory, and so unknown. The row may be one that says nothing.
 */
const struct syscall_row *socketcall_row(int64_t number);

/* The name that scripts see: "open", "read", ... or NULL. */
const char *io_class_name(enum io_class io);

#endif
