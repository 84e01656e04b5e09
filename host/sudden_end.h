/*
 * What is said, and which status is given, where the program ends in the middle of its work: on damage
 * that libbabeltrace2 does not survive, without memory, when a file can't be read or written any more,
 * on mistakes of our own.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_SUDDEN_END_H
#define LTTNGA_SUDDEN_END_H

/* To be called once, by the program only: the library leaves such things to whoever loads it. */
void sudden_end_setup(void);

#endif
