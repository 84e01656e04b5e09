/*
 * Culprits: who had a CPU while others waited for it. Part of the Lua module "lttnga.accumulators".
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_CULPRITS_H
#define LTTNGA_CULPRITS_H

#include <lua.h>

/*
 * culprits([least]) -> an object that a `collect` feeds with slices of CPUs and with waits for them. Both have the
 * fields `cpu`, `begin` and `time` (their end). A slice has `culprit`, the number of who ran, and `busy`; a
 * wait has `victim`, the number of who waited. The slices of a CPU come in their order.
 *
 * for victim, culprit, time in culprits:each() do: how long each victim has waited while each culprit ran on
 * the CPU that it waited for, ns, in the order in which that came first. Culprits are numbers, or `idle`, `unknown`,
 * or `others`: what nobody remembers of very long waits, or of too many pairs. The times of a victim add
 * up to those of its waits, but for what took less than `least` ns in one slice, which is left out.
 */
int culprits_new(lua_State *L);

#endif
