/*
 * Numbers of the fields of Perfetto's messages, as far as we write them: protos/perfetto/trace/ of
 * Perfetto's sources has all. They never change.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_FIELDS_H
#define LTTNGA_FIELDS_H

enum { TRACE_PACKET = 1 };

/* TracePacket */
enum {
	PACKET_FTRACE = 1,
	PACKET_TREE = 2,
	PACKET_CLOCKS = 6,
	PACKET_TIME = 8,
	PACKET_SEQUENCE = 10,
	PACKET_EVENT = 11,
	PACKET_INTERNED = 12,
	PACKET_FLAGS = 13,
	PACKET_SYSTEM = 45,
	PACKET_TRACK = 60,
	PACKET_MACHINE = 98,
};

/* Its flags: texts told before have no numbers any more; it takes texts told before. */
enum { FLAG_CLEARED = 1, FLAG_NEEDED = 2 };

/* ClockSnapshot, and its clocks */
enum { CLOCKS_CLOCK = 1, CLOCKS_PRIMARY = 2 };
enum { CLOCK_ID = 1, CLOCK_TIME = 2 };

/* SystemInfo, and its utsname */
enum { SYSTEM_UTSNAME = 1, SYSTEM_NAME = 17 };
enum { UTSNAME_SYSNAME = 1, UTSNAME_RELEASE = 3, UTSNAME_MACHINE = 4 };

/* ProcessTree, its processes and threads */
enum { TREE_PROCESS = 1, TREE_THREAD = 2 };
enum { PROCESS_PID = 1, PROCESS_PPID = 2, PROCESS_CMDLINE = 3 };
enum { THREAD_TID = 1, THREAD_NAME = 2, THREAD_TGID = 3 };

/* TrackDescriptor, and what it says of threads and counters */
enum { TRACK_NUMBER = 1, TRACK_NAME = 2, TRACK_THREAD = 4, TRACK_PARENT = 5, TRACK_COUNTER = 8 };
enum { TRACK_THREAD_PID = 1, TRACK_THREAD_TID = 2 };
enum { COUNTER_UNIT = 3, COUNTER_UNIT_NAME = 6 };

/* TrackEvent, and its DebugAnnotation */
enum {
	EVENT_ARG = 4,
	EVENT_TYPE = 9,
	EVENT_NAME_NUMBER = 10,
	EVENT_TRACK = 11,
	EVENT_NAME = 23,
	EVENT_VALUE = 30,
	EVENT_ARROW_FROM = 47,
	EVENT_ARROW_TO = 48,
};
enum {
	ARG_NAME_NUMBER = 1,
	ARG_BOOL = 2,
	ARG_INT = 4,
	ARG_TEXT = 6,
	ARG_NAME = 10,
	ARG_TEXT_NUMBER = 17,
};

/* InternedData, and its entries */
enum { INTERNED_EVENT_NAMES = 2, INTERNED_ARG_NAMES = 3, INTERNED_ARG_VALUES = 29 };
enum { ENTRY_NUMBER = 1, ENTRY_TEXT = 2 };

/* FtraceEventBundle, its events, and the kinds of these */
enum { BUNDLE_CPU = 1, BUNDLE_EVENT = 2, BUNDLE_COMPACT = 4 };
enum { FTRACE_TIME = 1, FTRACE_PID = 2, FTRACE_FLAGS = 5 };
enum {
	FTRACE_SWITCH = 4,
	FTRACE_WAKING = 20,
	FTRACE_SOFTIRQ_ENTRY = 24,
	FTRACE_SOFTIRQ_EXIT = 25,
	FTRACE_IRQ_ENTRY = 36,
	FTRACE_IRQ_EXIT = 37,
	FTRACE_NEWTASK = 235,
	FTRACE_RENAME = 236,
	FTRACE_FREE = 240,
};
enum {
	SWITCH_PREV_COMM = 1,
	SWITCH_PREV_PID = 2,
	SWITCH_PREV_PRIO = 3,
	SWITCH_PREV_STATE = 4,
	SWITCH_NEXT_COMM = 5,
	SWITCH_NEXT_PID = 6,
	SWITCH_NEXT_PRIO = 7,
};
enum { WAKING_COMM = 1, WAKING_PID = 2, WAKING_PRIO = 3, WAKING_TARGET_CPU = 5 };
enum { IRQ_NUMBER = 1, IRQ_NAME = 2, IRQ_RET = 2, SOFTIRQ_VEC = 1 };
enum { NEWTASK_PID = 1, NEWTASK_COMM = 2, NEWTASK_CLONE_FLAGS = 3 };
enum { RENAME_PID = 1, RENAME_OLD = 2, RENAME_NEW = 3 };
enum { FREE_COMM = 1, FREE_PID = 2, FREE_PRIO = 3 };

/* CompactSched: of each kind as many, times as differences */
enum {
	COMPACT_SWITCH_TIME = 1,
	COMPACT_SWITCH_PREV_STATE = 2,
	COMPACT_SWITCH_NEXT_PID = 3,
	COMPACT_SWITCH_NEXT_PRIO = 4,
	COMPACT_COMM = 5,
	COMPACT_SWITCH_NEXT_COMM = 6,
	COMPACT_WAKING_TIME = 7,
	COMPACT_WAKING_PID = 8,
	COMPACT_WAKING_TARGET_CPU = 9,
	COMPACT_WAKING_PRIO = 10,
	COMPACT_WAKING_COMM = 11,
	COMPACT_WAKING_FLAGS = 12,
};

#endif
