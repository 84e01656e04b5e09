/*
 * Integers out of the bits of a packet, in either byte order.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_CTF_BITS_H
#define LTTNGA_CTF_BITS_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* `at`, moved on to the next multiple of `align`, which is a power of 2. */
static inline uint64_t bits_align(uint64_t at, uint64_t align)
{
	return (at + align - 1) & ~(align - 1);
}

/*
 * The slow way, byte by byte, for any place and size: bits are counted from the low end of a byte.
 */
static inline uint64_t bits_read_le(const uint8_t *p, unsigned int shift, unsigned int size)
{
	uint64_t value = *p >> shift;

	for (unsigned int got = 8 - shift; got < size; got += 8)
		value |= (uint64_t) * ++p << got;
	return size < 64 ? value & ((UINT64_C(1) << size) - 1) : value;
}

/*
 * The slow way, byte by byte, for any place and size: bits are counted from the high end of a byte.
 */
static inline uint64_t bits_read_be(const uint8_t *p, unsigned int shift, unsigned int size)
{
	uint64_t value = *p & (0xffu >> shift);
	unsigned int got = 8 - shift;

	if (got >= size)
		return value >> (got - size);
	for (; got + 8 <= size; got += 8)
		value = value << 8 | *++p;
	if (got < size)
		value = value << (size - got) | *++p >> (8 - (size - got));
	return value;
}

/*
 * The `size` (1 to 64) bits from bit `at` on, as an unsigned integer. All bytes that they are in
 * must be there.
 */
static inline uint64_t bits_read(
	const uint8_t *base, uint64_t at, unsigned int size, bool big_endian)
{
	const uint8_t *p = base + at / 8;

	if ((at | size) % 8 == 0) {
		uint16_t half;
		uint32_t word;
		uint64_t both;

		switch (size) {
		case 8:
			return *p;
		case 16:
			memcpy(&half, p, sizeof(half));
			return big_endian ? GUINT16_FROM_BE(half) : GUINT16_FROM_LE(half);
		case 32:
			memcpy(&word, p, sizeof(word));
			return big_endian ? GUINT32_FROM_BE(word) : GUINT32_FROM_LE(word);
		case 64:
			memcpy(&both, p, sizeof(both));
			return big_endian ? GUINT64_FROM_BE(both) : GUINT64_FROM_LE(both);
		}
	}
	return big_endian ? bits_read_be(p, at % 8, size) : bits_read_le(p, at % 8, size);
}

/* The value of the low `size` bits as a signed integer. */
static inline int64_t bits_signed(uint64_t value, unsigned int size)
{
	return (int64_t)(value << (64 - size)) >> (64 - size);
}

#endif
