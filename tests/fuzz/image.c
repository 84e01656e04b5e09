/*
 * Fuzzer of saved states with right checksums: see model.c.
 *
 * SPDX-License-Identifier: MIT
 */
#define DAMAGE 1
#include "tests/fuzz/model.c"
