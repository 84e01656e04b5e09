# lttnga: build, run, check, bench, install. See README.md.
# SPDX-License-Identifier: MIT

VERSION  = 0.1.0
PREFIX   = /usr/local
BUILD    = build
CC       = gcc
CFLAGS   = -g -O2
PACKAGES = glib-2.0 babeltrace2 lua5.4 json-c libzstd libedit

# make check SANITIZE=1: everything with AddressSanitizer and UndefinedBehaviorSanitizer.
ifdef SANITIZE
BUILD    := $(BUILD)-sanitize
CFLAGS   += -O1 -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
endif

# The program is optimized as a whole: it is 5 to 10 % faster. LTO= turns that off.
LTO = $(if $(SANITIZE),,$(if $(findstring gcc,$(CC)),-flto=auto))

# What the targets install where it is missing (Debian packages).
NEED_BUILD = gcc libc6-dev pkg-config libglib2.0-dev libbabeltrace2-dev liblua5.4-dev \
             libjson-c-dev libzstd-dev libedit-dev
NEED_RUN   = $(NEED_BUILD) lua-dkjson xz-utils
NEED_CHECK = $(NEED_RUN) lua5.4 lua-busted lua-check clang-format valgrind python3 \
             shellcheck babeltrace2 clang libclang-rt-dev tmux
NEED_BENCH = $(NEED_RUN) babeltrace2 time valgrind
NEED_FUZZ  = $(NEED_BUILD) clang libclang-rt-dev

ALL_CFLAGS = -std=c11 -D_GNU_SOURCE -Wall -Wextra -Werror -I. -DLTTNGA_VERSION='"$(VERSION)"' \
             -fPIC -fno-semantic-interposition -MMD -MP $(shell pkg-config --cflags $(PACKAGES)) $(CFLAGS) $(LTO)
LIBS       = $(shell pkg-config --libs $(PACKAGES)) -lm

STATE      = $(patsubst %.c,$(BUILD)/%.o,$(wildcard state/*.c))
HOST       = $(patsubst %.c,$(BUILD)/%.o,$(filter-out host/library.c,$(wildcard host/*.c host/*/*.c)))
SOURCES    = $(filter-out $(BUILD)/host/main.o,$(HOST))
UNIT_TESTS = $(patsubst tests/unit/%.c,$(BUILD)/tests/unit/%,$(wildcard tests/unit/test_*.c))
FORMATTED  = $(wildcard state/*.[ch] host/*.[ch] host/*/*.[ch] tests/*.[ch] tests/*/*.[ch])

PROGRAM = $(BUILD)/lttnga-run
LIBRARY = $(BUILD)/lttnga.so
EXAMPLE = $(BUILD)/example-trace
MKTRACE = $(BUILD)/tests/mktrace

# make V=1 shows the commands.
Q = $(if $(V),,@)
define say
@printf '  %-5s %s\n' $(1) $@
endef

.PHONY: all run check bench fuzz install clean format docs

all: $(PROGRAM) $(LIBRARY)

$(PROGRAM): $(STATE) $(HOST)
	$(call say,LINK)
	$(Q)$(CC) $(CFLAGS) $(LTO) $(LDFLAGS) -o $@ $^ $(LIBS)

# What plain Lua programs load: the same without its main function.
$(LIBRARY): $(STATE) $(SOURCES) $(BUILD)/host/library.o
	$(call say,LINK)
	$(Q)$(CC) $(CFLAGS) $(LTO) $(LDFLAGS) -shared -Wl,-Bsymbolic -o $@ $^ $(LIBS)

$(BUILD)/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(CC) $(ALL_CFLAGS) -c -o $@ $<

# Saved states are good for the program that has made them: for the same model, and the same reader.
MODELLED = $(wildcard state/*.[ch] state/*.inc host/ctf/*.[ch] host/source/*.[ch] host/replay/*.[ch])
$(BUILD)/host/replay/checkpoints.o: ALL_CFLAGS += -DLTTNGA_MODEL='"$(shell cat $(MODELLED) | cksum | tr ' ' -)"'
$(BUILD)/host/replay/checkpoints.o: $(MODELLED)

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

# Specs run in the plain Lua interpreter; what is C there is part of the library.
MODULES = $(addprefix $(BUILD)/lua/lttnga/,accumulators.so formats.so log.so sorted.so)

$(MODULES): $(LIBRARY)
	@mkdir -p $(@D)
	$(Q)ln -sf ../../$(notdir $(LIBRARY)) $@

$(BUILD)/tests/unit/%: $(BUILD)/tests/unit/%.o $(BUILD)/tests/unit/feed.o $(STATE)
	$(call say,LINK)
	$(Q)$(CC) $(CFLAGS) $(LTO) $(LDFLAGS) -o $@ $^ $(LIBS)

$(MKTRACE): $(BUILD)/tests/mktrace.o
	$(call say,LINK)
	$(Q)$(CC) $(CFLAGS) $(LTO) $(LDFLAGS) -o $@ $^ $(LIBS)

# Writes all that a reader makes of a trace: both must make the same of it.
DUMP    = $(BUILD)/tests/dump
# Damages a trace in many ways, and reads it.
MANGLE  = $(BUILD)/tests/mangle
# Pauses, and goes back to where it was.
SEEK    = $(BUILD)/tests/seek

$(DUMP) $(MANGLE) $(SEEK): %: %.o $(SOURCES) $(STATE)
	$(call say,LINK)
	$(Q)$(CC) $(CFLAGS) $(LTO) $(LDFLAGS) -o $@ $^ $(LIBS)

# Fuzzers of what the native reader is made of; built with another compiler, for its instruments.
FUZZERS     = $(BUILD)/fuzz/metadata $(BUILD)/fuzz/packets
FUZZ_FLAGS  = -g -O2 -DMORE_RECORDS=0 -DMORE_VALUES=0 -std=c11 -D_GNU_SOURCE -Wall -Wextra -I. -fno-sanitize-recover=all \
	-fsanitize=fuzzer,address,undefined $(shell pkg-config --cflags glib-2.0 json-c)
FUZZED      = $(addprefix host/ctf/,arena.c json.c layout.c metadata.c plan.c tsdl.c tsdl_lexer.c)
FUZZED_MORE = $(addprefix host/,ctf/ahead.c ctf/classes.c ctf/position.c ctf/stream.c source/merge.c source/position.c source/source.c source/stream.c) \
	state/archive.c

$(BUILD)/fuzz/metadata: tests/fuzz/metadata.c $(FUZZED)
$(BUILD)/fuzz/packets: tests/fuzz/packets.c $(FUZZED) $(FUZZED_MORE) | host/ctf/reader.c host/ctf/packet.c
$(FUZZERS): $(wildcard host/source/* host/ctf/*) Makefile
	@mkdir -p $(@D)
	$(call say,FUZZ)
	$(Q)clang $(FUZZ_FLAGS) -o $@ $(filter tests/fuzz/%.c $(FUZZED) $(if $(findstring packets,$@),$(FUZZED_MORE)),$^) \
		$(shell pkg-config --libs glib-2.0 json-c)

.SECONDARY:

check:
	@tools/need $(NEED_CHECK)
	@$(MAKE) --no-print-directory all $(EXAMPLE) $(UNIT_TESTS) $(MKTRACE) $(DUMP) $(MANGLE) $(SEEK) $(FUZZERS) $(MODULES)
	@BUILD=$(BUILD) SANITIZE=$(SANITIZE) tests/run $(FORMATTED)

# make fuzz FUZZ_SECONDS=3600: feeds the native reader what it is not made for, for as long as that.
fuzz:
	@tools/need $(NEED_FUZZ)
	@$(MAKE) --no-print-directory $(FUZZERS)
	@BUILD=$(BUILD) tests/fuzz/run $(or $(FUZZ_SECONDS),600)

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
	install -D -m 644 $(LIBRARY) $(DESTDIR)$(PREFIX)/lib/lua/5.4/lttnga.so
	install -m 644 lua/lib/*.lua $(DESTDIR)$(PREFIX)/share/lttnga/lua/lib/
	install -m 644 lua/analyses/*.lua $(DESTDIR)$(PREFIX)/share/lttnga/lua/analyses/
ifdef COMPAT
	for name in $(COMPAT_NAMES); do ln -sf lttnga-run $(DESTDIR)$(PREFIX)/bin/$$name; done
	ln -sf lttnga-record $(DESTDIR)$(PREFIX)/bin/lttng-analyses-record
endif

format:
	clang-format -i $(FORMATTED)

# docs/hooks.md is made of the list of derived events, docs/state.md of those of views and commands.
docs: all
	$(PROGRAM) tools/hooks-page.lua > docs/hooks.md
	$(PROGRAM) tools/state-page.lua > docs/state.md

clean:
	rm -rf $(BUILD) $(BUILD)-sanitize
