/*
 * Reading and writing all of so many bytes, whatever a system call does at once; and files for what does
 * not fit into memory.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_FILE_IO_H
#define LTTNGA_FILE_IO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* False with errno set if that fails; errno is 0 if the file ends before. */
bool file_read_at(int fd, void *to, size_t n, uint64_t offset);

/* False with errno set if that fails. */
bool file_write(int fd, const void *from, size_t n);

/*
 * A new file in the folder for temporary files (TMPDIR), to be read and written. It has no name, and is
 * gone when it is closed. Below 0 with errno set if that fails.
 */
int file_temporary(void);

#endif
