# lttnga: build, run, check, bench, install. See README.md.
# SPDX-License-Identifier: MIT

VERSION  = 0.1.0
PREFIX   = /usr/local
BUILD    = build
CC       = gcc
CFLAGS   = -g -O2
PACKAGES = glib-2.0 babeltrace2 lua5.4 json-c

# make check SANITIZE=1: everything with AddressSanitizer and UndefinedBehaviorSanitizer.
ifdef SANITIZE
BUILD    := $(BUILD)-sanitize
CFLAGS   += -O1 -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
endif

# What the targets install where it is missing (Debian packages).
NEED_BUILD = gcc libc6-dev pkg-config libglib2.0-dev libbabeltrace2-dev liblua5.4-dev \
             libjson-c-dev
NEED_RUN   = $(NEED_BUILD) lua-dkjson xz-utils
NEED_CHECK = $(NEED_RUN) lua5.4 lua-busted lua-check clang-format valgrind python3 \
             shellcheck babeltrace2
NEED_BENCH = $(NEED_RUN) babeltrace2 time

ALL_CFLAGS = -std=c11 -D_GNU_SOURCE -Wall -Wextra -Werror -I. -DLTTNGA_VERSION='"$(VERSION)"' \
             -MMD -MP $(shell pkg-config --cflags $(PACKAGES)) $(CFLAGS)
LIBS       = $(shell pkg-config --libs $(PACKAGES)) -lm

STATE      = $(patsubst %.c,$(BUILD)/%.o,$(wildcard state/*.c))
HOST       = $(patsubst %.c,$(BUILD)/%.o,$(wildcard host/*.c host/*/*.c))
UNIT_TESTS = $(patsubst tests/unit/%.c,$(BUILD)/tests/unit/%,$(wildcard tests/unit/test_*.c))
FORMATTED  = $(wildcard state/*.[ch] host/*.[ch] host/*/*.[ch] tests/*.[ch] tests/unit/*.[ch])

PROGRAM = $(BUILD)/lttnga-run
EXAMPLE = $(BUILD)/example-trace
MKTRACE = $(BUILD)/tests/mktrace

# make V=1 shows the commands.
Q = $(if $(V),,@)
define say
@printf '  %-5s %s\n' $(1) $@
endef

.PHONY: all run check bench install clean format docs

all: $(PROGRAM)

$(PROGRAM): $(STATE) $(HOST)
	$(call say,LINK)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

$(BUILD)/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(CC) $(ALL_CFLAGS) -c -o $@ $<

-include $(wildcard $(BUILD)/*/*.d $(BUILD)/*/*/*.d)

# ---- Running the example ----

$(EXAMPLE): examples/trace.tar.xz
	@mkdir -p $@
	$(call say,TAR)
	$(Q)tar -C $@ --strip-components=1 -xJf $<
	@touch $@

run:
	@tools/need $(NEED_RUN)
	@$(MAKE) --no-print-directory all $(EXAMPLE)
	$(PROGRAM) iolatencystats $(EXAMPLE)

# ---- Tests ----

# Specs run in the plain Lua interpreter; what is C there is loaded from here.
MODULES = $(addprefix $(BUILD)/lua/lttnga/,accumulators.so formats.so lines.so sorted.so)

$(BUILD)/lua/lttnga/accumulators.so: host/accumulators.c host/samples.c host/top.c host/totals.c \
	host/samples.h host/sink.h host/top.h host/totals.h
$(BUILD)/lua/lttnga/formats.so: host/formats.c
$(BUILD)/lua/lttnga/lines.so: host/lines.c host/formats.c host/sorted.c host/sink.h
$(BUILD)/lua/lttnga/sorted.so: host/sorted.c
$(MODULES):
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(CC) $(filter-out -MMD -MP,$(ALL_CFLAGS)) -fPIC -shared -o $@ $(filter %.c,$^) $(LIBS)

$(BUILD)/tests/unit/%: $(BUILD)/tests/unit/%.o $(BUILD)/tests/unit/feed.o $(STATE)
	$(call say,LINK)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

$(MKTRACE): $(BUILD)/tests/mktrace.o
	$(call say,LINK)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

# Writes all that a reader makes of a trace: both must make the same of it.
SOURCES = $(filter-out $(BUILD)/host/main.o,$(HOST))
DUMP    = $(BUILD)/tests/dump

$(DUMP): $(BUILD)/tests/dump.o $(SOURCES) $(STATE)
	$(call say,LINK)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

.SECONDARY:

check:
	@tools/need $(NEED_CHECK)
	@$(MAKE) --no-print-directory all $(EXAMPLE) $(UNIT_TESTS) $(MKTRACE) $(DUMP) $(MODULES)
	@BUILD=$(BUILD) SANITIZE=$(SANITIZE) tests/run $(FORMATTED)

# ---- The rest ----

# make bench TRACE=folder: how fast we are, beside babeltrace2.
bench:
	@tools/need $(NEED_BENCH)
	@$(MAKE) --no-print-directory all $(MKTRACE) $(EXAMPLE)
	@BUILD=$(BUILD) tests/bench $(TRACE)

# The names of lttng-analyses, with COMPAT=1: Trace Compass looks for those that end in -mi.
COMPAT_NAMES = $(foreach name,$(patsubst lua/analyses/%.lua,%,$(wildcard lua/analyses/*.lua)), \
	$(if $(filter $(name),cputop iolatencyfreq iolatencystats iolatencytop iolog iousagetop \
	irqfreq irqlog irqstats memtop schedfreq schedlog schedstats schedtop syscallstats), \
	lttng-$(name) lttng-$(name)-mi)) lttng-track-process

install: all
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/lttnga/lua/lib \
		$(DESTDIR)$(PREFIX)/share/lttnga/lua/analyses
	install $(PROGRAM) record/lttnga-record $(DESTDIR)$(PREFIX)/bin/
	install -m 644 lua/lib/*.lua $(DESTDIR)$(PREFIX)/share/lttnga/lua/lib/
	install -m 644 lua/analyses/*.lua $(DESTDIR)$(PREFIX)/share/lttnga/lua/analyses/
ifdef COMPAT
	for name in $(COMPAT_NAMES); do ln -sf lttnga-run $(DESTDIR)$(PREFIX)/bin/$$name; done
	ln -sf lttnga-record $(DESTDIR)$(PREFIX)/bin/lttng-analyses-record
endif

format:
	clang-format -i $(FORMATTED)

# docs/hooks.md is made of the list of derived events.
docs: all
	$(PROGRAM) tools/hooks-page.lua > docs/hooks.md

clean:
	rm -rf $(BUILD) $(BUILD)-sanitize
