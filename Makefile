# One way to build Troth. `make help` lists the targets; README.md says what they are for.
BUILD    ?= build
CC       ?= cc
SANITIZE ?=
PREFIX   ?= /usr/local
Q         = $(if $(V),,@)

PACKAGES = libzmq msgpack lmdb libsodium inih jansson libutf8proc libxxhash
LINT_LIMIT = 120

WARNINGS = -Wall -Wextra -Wpedantic -Werror -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes \
           -Wcast-align -Wwrite-strings -Wvla -Wundef -Wnull-dereference
HARDEN   = -fstack-protector-strong -fstack-clash-protection -fPIE
ifeq ($(SANITIZE),)
HARDEN  += -D_FORTIFY_SOURCE=2
OPTIMISE ?= -O2 -g
else
OPTIMISE ?= -O1 -g -fno-omit-frame-pointer -fsanitize=$(SANITIZE) -fno-sanitize-recover=all
endif
CFLAGS  ?= $(OPTIMISE)
CPPFLAGS += -I. -D_GNU_SOURCE -MMD -MP $(shell pkg-config --cflags $(PACKAGES) 2>/dev/null)
ALL_CFLAGS = -std=c11 $(CFLAGS) $(WARNINGS) $(HARDEN)
LDFLAGS += -pie -Wl,-z,relro,-z,now -Wl,--as-needed
LIBS     = $(shell pkg-config --libs $(PACKAGES) 2>/dev/null) -lcsv
CHECK_LIBS = $(shell pkg-config --libs check 2>/dev/null)

# A folder is an archive; `main.c` and nothing else stays outside of it, so that tests can link the rest.
FOLDERS  = base rules wire crypto store broker workers/market cli
sources  = $(filter-out %/main.c,$(wildcard $(1)/*.c))
archive  = $(BUILD)/lib/$(subst /,-,$(1)).a
objects  = $(patsubst %.c,$(BUILD)/obj/%.o,$(1))

PROGRAMS = $(BUILD)/troth $(BUILD)/troth-broker $(BUILD)/troth-worker
UNIT     = $(patsubst tests/unit/%.c,$(BUILD)/tests/unit-%,$(wildcard tests/unit/*.c))
TALK     = $(patsubst tests/talk/%.c,$(BUILD)/tests/talk-%,$(wildcard tests/talk/*.c))
CONFORMANCE = /usr/bin/python3 -B tests/talk/conformance/suite.py
STORIES  = $(filter-out %/lib.sh,$(wildcard examples/stories/*.sh))
CRASH    = $(BUILD)/tests/crash
BENCH    = $(BUILD)/tests/bench
FUZZERS  = $(patsubst tests/fuzz/%.c,$(BUILD)/fuzz/%,$(wildcard tests/fuzz/*.c))

.PHONY: all deps demo test sim crash lint asan tsan fuzz bench doc install clean help
.SECONDARY:

all: deps
	@$(MAKE) --no-print-directory programs

.PHONY: programs tests
programs: $(PROGRAMS)
tests: programs $(UNIT) $(TALK) $(CRASH)

help:
	@echo 'all       build the programs (as root, installs missing Debian packages); V=1 shows commands'
	@echo 'demo      play the story of one deal, from offer to verified agreement'
	@echo 'test      unit tests, conversations with real processes, a short crash test'
	@echo 'sim       a long life of the broker'"'"'s core: SEED=… EVENTS=…'
	@echo 'crash     kills under load          asan/tsan  the tests under sanitizers'
	@echo 'lint      structure and style       fuzz       a minute of every fuzzer'
	@echo 'doc       print doc/notes.md and doc/deals.md anew from the tables in rules/'
	@echo 'bench     speed beside the machine'"'"'s own limits'
	@echo 'install   to $$(DESTDIR)$(PREFIX)    clean      remove $(BUILD)/'

deps:
	@sh .ci/deps

# One link line per program: its own folder, then what it may know, from the most to the least specific.
$(BUILD)/troth: $(call objects,cli/main.c) $(foreach f,cli rules wire crypto base,$(call archive,$(f)))
$(BUILD)/troth-broker: $(call objects,broker/main.c) $(foreach f,broker wire store base,$(call archive,$(f)))
$(BUILD)/troth-worker: $(call objects,workers/market/main.c) \
	$(foreach f,workers/market rules wire crypto store base,$(call archive,$(f)))
$(PROGRAMS):
	@echo '  link  $@'
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

TEST_ARCHIVES = $(foreach f,tests/lib workers/market broker cli rules wire crypto store base,$(call archive,$(f)))
$(BUILD)/tests/unit-%: $(BUILD)/obj/tests/unit/%.o $(TEST_ARCHIVES)
	@mkdir -p $(@D); echo '  link  $@'
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(CHECK_LIBS) $(LIBS)
$(BUILD)/tests/talk-%: $(BUILD)/obj/tests/talk/%.o $(TEST_ARCHIVES)
	@mkdir -p $(@D); echo '  link  $@'
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(CHECK_LIBS) $(LIBS)
$(CRASH) $(BENCH): $(BUILD)/tests/%: $(TEST_ARCHIVES)
	@mkdir -p $(@D); echo '  link  $@'
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $(filter %.o,$^) $(filter %.a,$^) $(CHECK_LIBS) $(LIBS)
$(CRASH): $(call objects,$(wildcard tests/crash/*.c))
$(BENCH): $(call objects,$(wildcard tests/bench/*.c))

define archive_rule
$(call archive,$(1)): $(call objects,$(call sources,$(1)))
	@mkdir -p $$(@D)
	@rm -f $$@
	$$(Q)$(AR) rcs $$@ $$^
endef
$(foreach f,$(FOLDERS) tests/lib,$(eval $(call archive_rule,$(f))))

$(BUILD)/obj/%.o: %.c Makefile
	@mkdir -p $(@D); echo '  cc    $<'
	$(Q)$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -c -o $@ $<

demo: all
	@sh examples/demo.sh $(BUILD)

# The programs under test are found by TROTH_BUILD; vectors of others by TROTH_VECTORS.
test: all
	@$(MAKE) --no-print-directory tests
	@TROTH_BUILD=$(BUILD) sh tests/run.sh $(UNIT) $(TALK) $(foreach story,$(STORIES),"sh $(story) $(BUILD)") \
		"sh tests/planted.sh $(BUILD)" "$(CONFORMANCE)" "$(CRASH) --kills 12" "$(CRASH) --deals 300 --kills 8" \
		"$(CRASH) --queue 300 --kills 8" "$(CRASH) --queue 300 --kills 10 --brokers 2"

crash: all
	@$(MAKE) --no-print-directory tests
	TROTH_BUILD=$(BUILD) $(CRASH) --kills 100
	TROTH_BUILD=$(BUILD) $(CRASH) --deals 300 --kills 100
	TROTH_BUILD=$(BUILD) $(CRASH) --queue 1000 --kills 60
	TROTH_BUILD=$(BUILD) $(CRASH) --queue 1000 --kills 60 --brokers 2

# The broker's pure core under a random life; without a seed, the next one each time.
SEED   ?= $(shell date +%s)
EVENTS ?= 20000000
sim: $(BUILD)/tests/unit-broker_simulation
	CK_FORK=no TROTH_SEED=$(SEED) TROTH_EVENTS=$(EVENTS) $(BUILD)/tests/unit-broker_simulation

asan:
	@$(MAKE) --no-print-directory BUILD=build/asan SANITIZE=address,undefined test
tsan:
	@$(MAKE) --no-print-directory BUILD=build/tsan SANITIZE=thread test

lint: deps
	@sh tests/lint.sh $(LINT_LIMIT)
	@sh tests/lint_test.sh

# Fuzzers are built by clang from the real files, each with its own sanitized objects.
FUZZ_SECONDS ?= 60
fuzz: deps
	@$(MAKE) --no-print-directory BUILD=build/fuzz CC=clang SANITIZE=fuzzer-no-link,address,undefined \
		WARNINGS='-Wall -Wextra -Werror' fuzzers
	@sh tests/fuzz/run.sh build/fuzz/fuzz $(FUZZ_SECONDS)
.PHONY: fuzzers
fuzzers: $(FUZZERS)
$(BUILD)/fuzz/%: $(BUILD)/obj/tests/fuzz/%.o $(TEST_ARCHIVES)
	@mkdir -p $(@D); echo '  link  $@'
	$(Q)$(CC) $(ALL_CFLAGS) -fsanitize=fuzzer $(LDFLAGS) -o $@ $^ $(LIBS)

bench: all
	@$(MAKE) --no-print-directory $(BENCH)
	@TROTH_BUILD=$(BUILD) $(BENCH)

doc: $(BUILD)/tests/unit-rules_doc
	TROTH_UPDATE=1 $<

install: all
	@sh .ci/deps scdoc
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/man/man1
	install $(PROGRAMS) $(DESTDIR)$(PREFIX)/bin
	for page in doc/*.1.scd; do \
		scdoc < $$page > $(DESTDIR)$(PREFIX)/share/man/man1/$$(basename $$page .scd) || exit 1; done

clean:
	rm -rf $(BUILD)

-include $(shell find $(BUILD)/obj -name '*.d' 2>/dev/null)
