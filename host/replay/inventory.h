/*
 * What a trace has and lacks of what the kernel model knows, as its classes tell before it is read.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_INVENTORY_H
#define LTTNGA_INVENTORY_H

#include "host/source/source.h"

#include <lua.h>
#include <stdbool.h>

/* Pushes { hook = { event, ... } }: the raw events that the trace lacks for each derived event. */
void inventory_push_missing(lua_State *L, const struct source *source);

/* Whether any class of the source is an event that the kernel model knows. */
bool inventory_is_kernel(const struct source *source);

#endif
