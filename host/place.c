/*
 * Where we are.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/place.h"

#include "state/events.h"

struct place place;

const char *place_event(void)
{
	if (!place.rec)
		return NULL;
	if (place.rec->class_no != UINT32_MAX)
		return source_class(place.source, place.rec->class_no)->name;
	return event_kind_name(place.rec->kind) ?: "end of a packet";
}

int64_t place_time(void)
{
	return place.rec ? place.rec->time : place.time;
}
