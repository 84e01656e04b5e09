# lttnga: build, run, check, bench, install. See README.md.
# SPDX-License-Identifier: MIT

VERSION  = 0.1.0
PREFIX   = /usr/local
BUILD    = build
PACKAGES = glib-2.0 babeltrace2 lua5.4 json-c libzstd zlib libedit sqlite3

# CC, CPPFLAGS, CFLAGS, LDFLAGS and PKG_CONFIG may come from the environment or the command line. The
# flags are put after our own, so they win.
ifeq ($(origin CC),default)
CC = gcc
endif
# Lines for backtraces, but no variables: those take a quarter of the time to link.
CFLAGS     ?= $(if $(SANITIZE),-g -O1,-g1 -O2)
PKG_CONFIG ?= pkg-config

# As many jobs as there are CPUs, unless -j says how many. Another make that calls this one has
# said so; and `make clean all` goes by the order.
ifeq ($(MAKELEVEL)$(filter -j%,$(MAKEFLAGS))$(filter clean,$(MAKECMDGOALS)),0)
MAKEFLAGS += -j$(shell nproc)
endif

# make check SANITIZE=1: everything with AddressSanitizer and UndefinedBehaviorSanitizer.
ifdef SANITIZE
BUILD    := $(BUILD)-sanitize
SANITIZED = -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
endif

# The program is optimized as a whole: it is 5 to 10 % faster. LTO= turns that off.
LTO = $(if $(SANITIZE),,$(if $(findstring gcc,$(CC)),-flto=auto))

# So that a mistake is harder to exploit. It takes optimized code, and sanitizers do more.
OPTIMIZED = $(filter-out -O0,$(lastword $(filter -O%,$(CPPFLAGS) $(CFLAGS))))
FORTIFIED = $(if $(findstring _FORTIFY_SOURCE,$(CPPFLAGS) $(CFLAGS)),,-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
HARDENED  = $(if $(SANITIZE),,$(if $(OPTIMIZED),-fstack-protector-strong $(FORTIFIED)))

# What the targets install where it is missing (Debian packages).
NEED_BUILD = gcc libc6-dev pkg-config libglib2.0-dev libbabeltrace2-dev liblua5.4-dev \
             libjson-c-dev libzstd-dev zlib1g-dev libedit-dev libsqlite3-dev scdoc
NEED_RUN   = $(NEED_BUILD) lua-dkjson lua-lpeg xz-utils
NEED_CHECK = $(NEED_RUN) lua5.4 lua-busted lua-check clang-format valgrind python3 \
             shellcheck babeltrace2 clang libclang-rt-dev tmux man-db bash-completion zsh fish
NEED_BENCH = $(NEED_RUN) babeltrace2 time valgrind
NEED_FUZZ  = $(NEED_RUN) lua5.4 clang libclang-rt-dev

# These goals compile nothing themselves, or first install what compiling takes.
ifneq ($(filter-out clean format check run fuzz bench uninstall dist,$(or $(MAKECMDGOALS),all)),)
PKG := $(shell $(PKG_CONFIG) --cflags --libs $(PACKAGES))
ifneq ($(.SHELLSTATUS),0)
$(error Something is missing. The Debian packages to build with are $(NEED_BUILD))
endif
CHECKPOINT_KEY := $(shell tools/checkpoint-key)
endif

# What Debian 12 has of GLib: what later versions call deprecated is not, and what they add is not used.
GLIB = -DGLIB_VERSION_MIN_REQUIRED=GLIB_VERSION_2_74 -DGLIB_VERSION_MAX_ALLOWED=GLIB_VERSION_2_74

COMPILE := $(CC) -std=c11 -D_GNU_SOURCE $(GLIB) -Wall -Wextra -I. -fPIC -fno-semantic-interposition \
           -fvisibility=hidden $(HARDENED) $(SANITIZED) $(filter-out -l% -L%,$(PKG)) $(LTO) $(CPPFLAGS) $(CFLAGS)
LINK    := $(CC) -Wl,-z,relro,-z,now $(SANITIZED) $(LTO) $(CFLAGS) $(LDFLAGS)
LIBS    := $(filter-out -I% -D%,$(PKG)) -lm

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
say = $(info $()  $1 $@)

# $(call compile,COMMAND): runs it. What the compiler warns of is kept beside the target, too: it makes
# `make check` fail, and no other build.
define compile
$(Q)$1 2>$@.warnings; status=$$?; if [ -s $@.warnings ]; then cat $@.warnings >&2; fi; exit $$status
endef

# One word of the shell.
quote = '$(subst ','\'',$1)'

# $(call differ,A,B): something if they do.
differ = $(subst x$1,,x$2)$(subst x$2,,x$1)

# $(call stamp,NAME,VARIABLE): a rule for $(BUILD)/NAME.stamp, which holds the variable's value and is
# written when that is another than it was. What is made with the variable depends on its stamp.
define stamp
$(BUILD)/$1.stamp: $$(if $$(call differ,$$(file <$(BUILD)/$1.stamp),$$($2)),FORCE)
	@mkdir -p $$(@D)
	@printf '%s\n' $$(call quote,$$($2)) >$$@
endef

.PHONY: all run check bench fuzz man install uninstall dist clean format docs FORCE

all: $(PROGRAM) $(LIBRARY)

LINKED = $(LINK) $(LIBS)
$(eval $(call stamp,compile,COMPILE))
$(eval $(call stamp,link,LINKED))
$(eval $(call stamp,version,VERSION))
$(eval $(call stamp,checkpoint-key,CHECKPOINT_KEY))

# What the program and the library share, which is nearly all. To optimize it as a whole takes about as
# long as to compile it: it is done once for both.
SHARED = $(if $(LTO),$(BUILD)/shared.o,$(STATE) $(SOURCES))

$(BUILD)/shared.o: $(STATE) $(SOURCES) $(BUILD)/link.stamp
	$(call say,LINK)
	$(call compile,$(CC) $(LTO) $(CFLAGS) -r -flinker-output=nolto-rel -o $@ $(filter %.o,$^))

$(PROGRAM): $(BUILD)/host/main.o $(SHARED) $(BUILD)/link.stamp
	$(call say,LINK)
	$(call compile,$(LINK) -o $@ $(filter %.o,$^) $(LIBS))

# What plain Lua programs load: the same without its main function.
$(LIBRARY): $(BUILD)/host/library.o $(SHARED) $(BUILD)/link.stamp
	$(call say,LINK)
	$(call compile,$(LINK) -shared -o $@ $(filter %.o,$^) $(LIBS))

# Directories are made once: one more process for each of 200 files takes seconds.
FOLDERS = $(addprefix $(BUILD)/,$(sort $(dir $(FORMATTED))))

$(FOLDERS):
	@mkdir -p $@

$(BUILD)/%.o: %.c $(BUILD)/compile.stamp | $(FOLDERS)
	$(call say,CC  )
	$(call compile,$(COMPILE) $(DEFINES) -MMD -MP -c -o $@ $<)

$(BUILD)/host/lua_host.o: DEFINES = -DLTTNGA_VERSION='"$(VERSION)"' -DLTTNGA_MODEL='"$(CHECKPOINT_KEY)"'
$(BUILD)/host/lua_host.o: $(BUILD)/version.stamp $(BUILD)/checkpoint-key.stamp

# Saved states are good for programs with the same model and the same reader.
$(BUILD)/host/replay/checkpoint_file.o: DEFINES = -DLTTNGA_MODEL='"$(CHECKPOINT_KEY)"'
$(BUILD)/host/replay/checkpoint_file.o: $(BUILD)/checkpoint-key.stamp

-include $(wildcard $(BUILD)/*/*.d $(BUILD)/*/*/*.d)

# Where the program finds its scripts, wherever it is built.
run docs $(BUILD)/man/%: export LTTNGA_LUA = lua

# ---- Running the example ----

$(EXAMPLE): examples/trace.tar.xz
	@mkdir -p $@
	$(call say,TAR )
	$(Q)tar -C $@ --strip-components=1 -xJf $<
	@touch $@

run:
	@tools/need $(NEED_RUN)
	@$(MAKE) --no-print-directory all $(EXAMPLE)
	$(PROGRAM) iolatencystats $(EXAMPLE)

# ---- Tests ----

$(BUILD)/tests/unit/%: $(BUILD)/tests/unit/%.o $(BUILD)/tests/unit/feed.o $(STATE) $(BUILD)/link.stamp
	$(call say,LINK)
	$(call compile,$(LINK) -o $@ $(filter %.o,$^) $(LIBS))

# What is tested of what is not the model.
$(BUILD)/tests/unit/test_graph: $(patsubst %,$(BUILD)/host/%.o,accumulate/graph accumulate/critical_path \
	accumulate/chunks output/file_io)
$(BUILD)/tests/unit/test_perfetto: $(patsubst %,$(BUILD)/host/%.o,perfetto/packets perfetto/cpus \
	perfetto/sink output/file_io)
$(BUILD)/tests/unit/test_parquet: $(patsubst %,$(BUILD)/host/output/%.o,parquet parquet_encode file_io)
$(BUILD)/tests/unit/test_entities: $(patsubst %,$(BUILD)/host/output/%.o,export entity_journal)

$(BUILD)/tests/unit/test_hull: $(BUILD)/host/sync/hull.o
$(BUILD)/tests/unit/test_viewer: $(patsubst %,$(BUILD)/host/live/%.o,viewer url)

$(MKTRACE): $(BUILD)/tests/mktrace.o $(BUILD)/link.stamp
	$(call say,LINK)
	$(call compile,$(LINK) -o $@ $(filter %.o,$^) $(LIBS))

# Writes all that a reader makes of a trace: both must make the same of it.
DUMP    = $(BUILD)/tests/dump
# Damages a trace in many ways, and reads it.
MANGLE  = $(BUILD)/tests/mangle
# Pauses, and goes back to where it was.
SEEK    = $(BUILD)/tests/seek
# Says how many bytes the events of a trace take: for tools/record-costs.
WEIGH   = $(BUILD)/tests/weigh
# Copies a live session.
SPOOL   = $(BUILD)/tests/spool

$(DUMP) $(MANGLE) $(SEEK) $(WEIGH) $(SPOOL): %: %.o $(SOURCES) $(STATE) $(BUILD)/link.stamp
	$(call say,LINK)
	$(call compile,$(LINK) -o $@ $(filter %.o,$^) $(LIBS))

# Fuzzers of what the native reader is made of, and of the model; built with another compiler, for its
# instruments.
FUZZ_READER = $(BUILD)/fuzz/metadata $(BUILD)/fuzz/packets
FUZZ_MODEL  = $(BUILD)/fuzz/model $(BUILD)/fuzz/image
FUZZ_LIVE   = $(BUILD)/fuzz/live
FUZZERS     = $(FUZZ_READER) $(FUZZ_MODEL) $(FUZZ_LIVE)
FUZZ       := clang -g -O2 -DMORE_RECORDS=0 -DMORE_VALUES=0 -std=c11 -D_GNU_SOURCE $(GLIB) -Wall -Wextra -I. \
	-fno-sanitize-recover=all -fsanitize=fuzzer,address,undefined $(filter-out -l% -L%,$(PKG))
FUZZ_LIBS  := $(filter -L% -lglib-2.0 -ljson-c,$(PKG))
FUZZED      = $(addprefix host/ctf/,arena.c json.c layout.c metadata.c nested.c plan.c tsdl.c tsdl_lexer.c)
FUZZED_MORE = $(addprefix host/,ctf/ahead.c ctf/classes.c ctf/grow.c ctf/keep.c ctf/position.c ctf/stream.c source/copies.c source/merge.c source/position.c source/source.c source/stream.c) \
	state/codec.c

$(BUILD)/fuzz/metadata: tests/fuzz/metadata.c $(FUZZED)
$(BUILD)/fuzz/packets: tests/fuzz/packets.c $(FUZZED) $(FUZZED_MORE) | host/ctf/reader.c host/ctf/packet.c
$(eval $(call stamp,fuzz,FUZZ))
$(FUZZ_MODEL): $(BUILD)/fuzz/%: tests/fuzz/%.c tests/fuzz/model.c $(wildcard state/*) $(BUILD)/fuzz.stamp
	@mkdir -p $(@D)
	$(call say,FUZZ)
	$(call compile,$(FUZZ) -DPOOL_CHUNK=2u -DTID_MAX=1024 -DTID_PAGE=64 -DPACKETS_MAX=4 -DSOCKETS_MAX=4 -o $@ $< $(wildcard state/*.c) $(FUZZ_LIBS) -lm)

$(FUZZ_READER): $(wildcard host/source/* host/ctf/*) $(BUILD)/fuzz.stamp
	@mkdir -p $(@D)
	$(call say,FUZZ)
	$(call compile,$(FUZZ) -o $@ $(filter tests/fuzz/%.c $(FUZZED) \
		$(if $(findstring packets,$@),$(FUZZED_MORE)),$^) $(FUZZ_LIBS))

$(FUZZ_LIVE): tests/fuzz/live.c $(wildcard host/live/*) host/output/file_io.c host/output/file_io.h $(BUILD)/fuzz.stamp
	@mkdir -p $(@D)
	$(call say,FUZZ)
	$(call compile,$(FUZZ) -o $@ $(filter %.c,$^) $(FUZZ_LIBS))

.SECONDARY:

# make check ONLY=name: those steps of tests/run whose names contain it, and what they take.
# $(call steps,NAMES,TARGETS): the targets, if one of the names does.
steps = $(if $(ONLY),$(if $(findstring $(ONLY),$1),$2),$2)
comma = ,
TESTED = $(foreach test,$(UNIT_TESTS),$(call steps,unit: $(notdir $(test))$(comma) saved and loaded,$(test))) \
	$(call steps,$(patsubst tests/spec/%.lua,spec: %,$(wildcard tests/spec/*_spec.lua)), \
		all $(EXAMPLE) $(MKTRACE) $(DUMP) $(SEEK) $(WEIGH) $(SPOOL)) \
	$(call steps,a trace damaged in 1$(comma)200 ways,$(EXAMPLE) $(MANGLE)) \
	$(call steps,a minute of fuzzing,$(FUZZERS)) \
	$(call steps,hostile scripts and traces,all $(EXAMPLE)) \
	$(call steps,no warnings of the compiler,all $(UNIT_TESTS) $(MKTRACE) $(DUMP) $(MANGLE) $(SEEK) $(WEIGH) $(SPOOL) $(FUZZERS))

check:
	@tools/need $(NEED_CHECK)
	@$(MAKE) --no-print-directory $(or $(sort $(TESTED)),all $(EXAMPLE))
	@BUILD=$(BUILD) SANITIZE=$(SANITIZE) ONLY=$(call quote,$(ONLY)) tests/run $(FORMATTED)

# make fuzz FUZZ_SECONDS=3600: feeds the native reader and the model what they are not made for, for as
# long as that, and half as long the whole program (sanitized) with scripts and traces; says how often,
# and how much of them that has reached.
fuzz:
	@tools/need $(NEED_FUZZ)
	@$(MAKE) --no-print-directory $(FUZZERS) $(EXAMPLE)
	@$(MAKE) --no-print-directory SANITIZE=1 all $(BUILD)-sanitize/example-trace
	@BUILD=$(BUILD) tests/fuzz/run $(or $(FUZZ_SECONDS),600)
	@BUILD=$(BUILD)-sanitize tests/fuzz/program $$(($(or $(FUZZ_SECONDS),600) / 4))

# ---- The rest ----

# make bench TRACE=folder: how fast we are, beside babeltrace2.
bench:
	@tools/need $(NEED_BENCH)
	@$(MAKE) --no-print-directory all $(MKTRACE) $(EXAMPLE)
	@BUILD=$(BUILD) tests/bench $(TRACE)

# ---- Installing ----

# LIBDIR is $(PREFIX)/lib, or a folder in it: the module finds its Lua files from there.
LIBDIR  = $(PREFIX)/lib
DATADIR = $(PREFIX)/share
MANDIR  = $(DATADIR)/man
DOCDIR  = $(DATADIR)/doc/lttnga
BASHDIR = $(DATADIR)/bash-completion/completions
ZSHDIR  = $(DATADIR)/zsh/site-functions
FISHDIR = $(DATADIR)/fish/vendor_completions.d

# The names of lttng-analyses, with COMPAT=1: Trace Compass looks for those that end in -mi.
COMPAT_OF = cputop iolatencyfreq iolatencystats iolatencytop iolog iousagetop irqfreq irqlog irqstats \
	memtop periodfreq periodlog periodstats periodtop schedfreq schedlog schedstats schedtop syscallstats
COMPAT_NAMES = $(foreach name,$(COMPAT_OF),lttng-$(name) lttng-$(name)-mi) lttng-track-process

# Manual pages, made by scdoc from the lists that make the help.
MANUALS = $(patsubst tools/man/%.lua,$(BUILD)/man/%,$(filter-out tools/man/page.lua,$(wildcard tools/man/*.lua)))

man: $(MANUALS)

$(MANUALS): $(BUILD)/man/%: tools/man/%.lua tools/man/page.lua $(PROGRAM) $(wildcard record/*) \
		$(wildcard lua/*/*.lua)
	@mkdir -p $(@D)
	$(call say,MAN )
	$(Q)$(PROGRAM) $< >$@.scd
	$(Q)scdoc <$@.scd >$@

# $(call to,FOLDER): where that is while installing, as one word of the shell.
to = $(call quote,$(DESTDIR)$1)

# $(call put,FOLDER,FILES)
define put
	install -d $(call to,$1)
	install -m 644 $2 $(call to,$1)

endef

install: all man
	install -d $(call to,$(PREFIX)/bin)
	install $(PROGRAM) $(call to,$(PREFIX)/bin)
	for name in lttnga-record lttnga-top; do \
		sed 's/^VERSION=.*/VERSION=$(VERSION)/' record/$$name >$(call to,$(PREFIX)/bin)/$$name && \
		chmod 755 $(call to,$(PREFIX)/bin)/$$name || exit 1; done
	install record/lttnga-containers $(call to,$(PREFIX)/bin)
	$(call put,$(LIBDIR)/lua/5.4,$(LIBRARY))
	$(foreach part,$(sort $(dir $(wildcard lua/*/*.*))),$(call put,$(DATADIR)/lttnga/$(part),$(wildcard $(part)*.*)))
	$(call put,$(DATADIR)/lttnga/lua/meta/lttnga,$(wildcard lua/meta/lttnga/*))
	$(call put,$(DATADIR)/lttnga/docs,$(wildcard docs/*.md))
	$(foreach part,$(sort $(suffix $(MANUALS))),$(call put,$(MANDIR)/man$(patsubst .%,%,$(part:.3lua=.3)),$(filter %$(part),$(MANUALS))))
	$(call put,$(DOCDIR),README.md LICENSE CONTRIBUTING.md CHANGELOG.md)
	$(call put,$(DOCDIR)/examples,$(wildcard examples/*))
	install -d $(call to,$(BASHDIR)) $(call to,$(ZSHDIR)) $(call to,$(FISHDIR))
	install -m 644 completion/lttnga.bash $(call to,$(BASHDIR)/lttnga-run)
	ln -sf lttnga-run $(call to,$(BASHDIR)/lttnga-record)
	install -m 644 completion/_* $(call to,$(ZSHDIR))
	install -m 644 completion/*.fish $(call to,$(FISHDIR))
ifdef COMPAT
	for name in $(COMPAT_NAMES); do ln -sf lttnga-run $(call to,$(PREFIX)/bin)/$$name; done
	ln -sf lttnga-record $(call to,$(PREFIX)/bin/lttng-analyses-record)
endif

# Takes away what `make install` with the same variables has put there.
uninstall:
	rm -rf $(call to,$(DATADIR)/lttnga) $(call to,$(DOCDIR))
	rm -f $(foreach name,lttnga-run lttnga-record lttnga-containers lttnga-top,$(call to,$(PREFIX)/bin/$(name))) \
		$(call to,$(LIBDIR)/lua/5.4/$(notdir $(LIBRARY))) \
		$(foreach page,$(notdir $(MANUALS)),$(call to,$(MANDIR)/man$(patsubst .%,%,$(subst .3lua,.3,$(suffix $(page))))/$(page))) \
		$(foreach name,lttnga-run lttnga-record,$(call to,$(BASHDIR)/$(name))) \
		$(foreach file,$(notdir $(wildcard completion/_*)),$(call to,$(ZSHDIR)/$(file))) \
		$(foreach file,$(notdir $(wildcard completion/*.fish)),$(call to,$(FISHDIR)/$(file)))
	for name in $(COMPAT_NAMES) lttng-analyses-record; do \
		case $$(readlink $(call to,$(PREFIX)/bin)/$$name) in lttnga-*) rm $(call to,$(PREFIX)/bin)/$$name ;; esac; done

# A tarball of what is committed, which builds without git.
dist: TARBALL = $(BUILD)/lttnga-$(VERSION).tar.gz
dist:
	@mkdir -p $(BUILD)
	git archive --prefix=lttnga-$(VERSION)/ --output=$(TARBALL) HEAD
	@echo $(TARBALL)

format:
	clang-format -i $(FORMATTED)

# Pages that are made of lists: derived events, views and commands, analyses, tables, what scripts can write;
# and definitions for editors.
docs: all
	$(PROGRAM) tools/hooks-page.lua > docs/hooks.md
	$(PROGRAM) tools/state-page.lua > docs/state.md
	$(PROGRAM) tools/analyses-page.lua > docs/analyses.md
	$(PROGRAM) tools/facts-page.lua > docs/facts.md
	$(PROGRAM) tools/script-page.lua > $(BUILD)/script-reference.md
	cp $(BUILD)/script-reference.md docs/script-reference.md
	$(PROGRAM) tools/luals.lua

clean:
	rm -rf $(BUILD) $(BUILD)-sanitize
