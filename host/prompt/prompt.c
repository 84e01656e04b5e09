/*
 * The prompt of a session, on libedit.
 *
 * Signals wake the one who waits for a key through a pipe, so that none is missed between looking
 * for one and waiting. While a line is edited they are ours; before and after that the terminal and
 * the handlers are as they were.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/prompt/prompt.h"

#include "host/lua/interrupt.h"
#include "host/lua/object.h"
#include "host/output/formats.h"
#include "host/prompt/history.h"
#include "host/prompt/tab.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <histedit.h>
#include <lauxlib.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

/* Where the completion function is, in the registry; and what frees us when L is closed. */
#define COMPLETE_KEY "lttnga.prompt.complete"
#define GUARD_KEY    "lttnga.prompt.guard"

/* What is handled while a line is edited. */
static const int signals[] = {SIGINT, SIGTSTP, SIGCONT, SIGWINCH, SIGTERM, SIGHUP, SIGQUIT};

static struct {
	EditLine *el; /* NULL until the first line is read */
	History *lines;
	GPtrArray *added; /* lines of this session that are not in the file */
	FILE *out;
	char *text; /* what stands before the line, clean */
	lua_State *L;
	struct tab tab;
} prompt;

/* What signal handlers and the reader share. */
static struct {
	volatile sig_atomic_t editing;
	volatile sig_atomic_t interrupted, stopped, continued, resized;
	struct termios before; /* the terminal, valid while `editing` */
	int wake[2];
} shared = {.wake = {-1, -1}};

void prompt_restore_terminal(void)
{
	if (shared.editing)
		tcsetattr(STDIN_FILENO, TCSANOW, &shared.before);
}

/* ---- Signals ---- */

static void wake_reader(void)
{
	ssize_t written = write(shared.wake[1], "", 1);

	(void)written;
}

static void on_signal(int number)
{
	int error = errno;

	switch (number) {
	case SIGINT:
		shared.interrupted = 1;
		break;
	case SIGTSTP:
		shared.stopped = 1;
		break;
	case SIGCONT:
		shared.continued = 1;
		break;
	case SIGWINCH:
		shared.resized = 1;
		break;
	default:
		prompt_restore_terminal();
		signal(number, SIG_DFL);
		raise(number);
	}
	wake_reader();
	errno = error;
}

static void take_signals(struct sigaction *before)
{
	struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};

	sigfillset(&action.sa_mask);
	for (size_t i = 0; i < G_N_ELEMENTS(signals); i++)
		sigaction(signals[i], &action, &before[i]);
	/* Who is told to ignore these goes on doing so (nohup). */
	for (size_t i = 0; i < G_N_ELEMENTS(signals); i++)
		if (before[i].sa_handler == SIG_IGN)
			sigaction(signals[i], &before[i], NULL);
}

static void give_signals_back(const struct sigaction *before)
{
	for (size_t i = 0; i < G_N_ELEMENTS(signals); i++)
		sigaction(signals[i], &before[i], NULL);
}

/* Ctrl-Z: stops, with the terminal as others expect it. */
static void stop(void)
{
	struct sigaction ours, otherwise = {.sa_handler = SIG_DFL};

	shared.stopped = 0;
	el_wset(prompt.el, EL_PREP_TERM, 0);
	prompt_restore_terminal();
	sigaction(SIGTSTP, &otherwise, &ours);
	raise(SIGTSTP);
	sigaction(SIGTSTP, &ours, NULL);
}

/* The line is no longer where it was on the screen, or how. */
static void draw_line(void)
{
	fputc('\r', prompt.out);
	el_wset(prompt.el, EL_REFRESH);
}

/* Does what signals ask for; false if the line is to be thrown away. */
static bool obey(void)
{
	char bytes[64];

	while (read(shared.wake[0], bytes, sizeof(bytes)) > 0)
		;
	if (shared.interrupted)
		return false;
	if (shared.stopped)
		stop();
	if (shared.continued) {
		shared.continued = 0;
		el_wset(prompt.el, EL_PREP_TERM, 1);
		draw_line();
	}
	if (shared.resized) {
		shared.resized = 0;
		el_resize(prompt.el);
		draw_line();
	}
	return true;
}

/* ---- Keys ---- */

/* Waits for the next byte: 1, 0 at the end of input, -1 if there will be none. */
static int read_byte(char *byte)
{
	struct pollfd waits[] = {
		{.fd = STDIN_FILENO, .events = POLLIN}, {.fd = shared.wake[0], .events = POLLIN}};

	for (;;) {
		if (poll(waits, G_N_ELEMENTS(waits), -1) < 0 && errno != EINTR)
			return -1;
		if (!obey())
			return -1;
		if (waits[0].revents) {
			ssize_t got = read(STDIN_FILENO, byte, 1);

			if (got >= 0)
				return (int)got;
			if (errno != EINTR && errno != EAGAIN)
				return -1;
		}
		waits[0].revents = waits[1].revents = 0;
	}
}

/* libedit asks for the next character; what is no UTF-8 is skipped. */
static int read_character(EditLine *el, wchar_t *to)
{
	char bytes[4];
	size_t n = 0;

	(void)el;
	for (;;) {
		int got = read_byte(&bytes[n]);
		gunichar code;

		if (got <= 0)
			return got;
		n++;
		code = n == 1 && !(bytes[0] & 0x80) ? (gunichar)bytes[0]
						    : g_utf8_get_char_validated(bytes, (gssize)n);
		if (code != (gunichar)-1 && code != (gunichar)-2) {
			*to = (wchar_t)code;
			return 1;
		}
		if (code == (gunichar)-1 || n == sizeof(bytes))
			n = 0;
	}
}

static char *shown_text(EditLine *el)
{
	(void)el;
	return prompt.text;
}

/* ---- Completion ---- */

struct question {
	const LineInfo *line;
	GPtrArray *completions;
	lua_Integer start;
};

/* Asks the completion function; in a pcall, because libedit has called us. */
static int ask(lua_State *L)
{
	struct question *question = lua_touserdata(L, 1);
	const LineInfo *line = question->line;

	if (lua_getfield(L, LUA_REGISTRYINDEX, COMPLETE_KEY) != LUA_TFUNCTION)
		return 0;
	lua_pushlstring(L, line->buffer, (size_t)(line->lastchar - line->buffer));
	lua_pushinteger(L, line->cursor - line->buffer);
	lua_call(L, 2, 2);
	if (!lua_istable(L, -2))
		return 0;
	question->start = luaL_checkinteger(L, -1);
	for (lua_Integer i = 1; lua_rawgeti(L, -2, i) == LUA_TSTRING; i++) {
		g_ptr_array_add(question->completions, g_strdup(lua_tostring(L, -1)));
		lua_pop(L, 1);
	}
	return 0;
}

static unsigned char on_tab(EditLine *el, int key)
{
	struct question question = {.line = el_line(el)};
	unsigned char result = CC_REFRESH_BEEP;
	lua_State *L = prompt.L;

	(void)key;
	if (!lua_checkstack(L, 3))
		return result;
	question.completions = g_ptr_array_new_with_free_func(g_free);
	lua_pushcfunction(L, ask);
	lua_pushlightuserdata(L, &question);
	if (lua_pcall(L, 1, 0, 0) != LUA_OK)
		lua_pop(L, 1);
	else if (question.start >= 1)
		result = tab_complete(
			&prompt.tab, el, question.completions, (size_t)question.start - 1);
	g_ptr_array_unref(question.completions);
	return result;
}

/* ---- Reading a line ---- */

/* Keys as people know them from other programs. */
static void bind_keys(EditLine *el)
{
	static const char *const keys[][2] = {{"^I", "lttnga-complete"},
		{"^R", "em-inc-search-prev"}, {"^W", "ed-delete-prev-word"},
		{"\\e[1~", "ed-move-to-beg"}, {"\\e[4~", "ed-move-to-end"},
		{"\\e[7~", "ed-move-to-beg"}, {"\\e[8~", "ed-move-to-end"},
		{"\\e[H", "ed-move-to-beg"}, {"\\e[F", "ed-move-to-end"},
		{"\\e[3~", "ed-delete-next-char"}, {"\\e[2~", "em-toggle-overwrite"},
		{"\\e[1;5C", "em-next-word"}, {"\\e[1;5D", "ed-prev-word"}};

	el_wset(el, EL_ADDFN, L"lttnga-complete", L"completes the word", on_tab);
	for (size_t i = 0; i < G_N_ELEMENTS(keys); i++)
		el_set(el, EL_BIND, keys[i][0], keys[i][1], NULL);
}

static void add_to_history(const char *line)
{
	HistEvent event;

	history(prompt.lines, &event, H_ENTER, line);
}

static void make_history(void)
{
	HistEvent event;

	if (prompt.lines)
		return;
	prompt.lines = history_init();
	prompt.added = g_ptr_array_new_with_free_func(g_free);
	history(prompt.lines, &event, H_SETSIZE, HISTORY_MAX);
	history(prompt.lines, &event, H_SETUNIQUE, 1);
}

static void set_up(lua_State *L)
{
	if (prompt.el)
		return;
	if (shared.wake[0] < 0 && pipe2(shared.wake, O_CLOEXEC | O_NONBLOCK) != 0)
		luaL_error(L, "cannot set up the prompt: %s", g_strerror(errno));
	/* All texts here are UTF-8, whatever the locale is. */
	if (!setlocale(LC_CTYPE, "C.UTF-8"))
		setlocale(LC_CTYPE, "");
	prompt.out = isatty(STDOUT_FILENO) ? stdout : stderr;
	prompt.el = el_init("lttnga", stdin, prompt.out, stderr);
	if (!prompt.el)
		luaL_error(L, "cannot set up the prompt on this terminal");
	make_history();
	el_set(prompt.el, EL_PROMPT, shown_text);
	el_set(prompt.el, EL_EDITOR, "emacs");
	el_set(prompt.el, EL_SIGNAL, 0);
	el_set(prompt.el, EL_HIST, history, prompt.lines);
	el_wset(prompt.el, EL_GETCFN, read_character);
	el_source(prompt.el, NULL);
	bind_keys(prompt.el);
	atexit(prompt_restore_terminal);
}

/* What libedit gives, without the end of the line, to be freed; NULL if it gives nothing. */
static char *edit_line(void)
{
	struct sigaction before[G_N_ELEMENTS(signals)];
	const char *line;
	char *copy = NULL;
	int length = 0;

	if (tcgetattr(STDIN_FILENO, &shared.before) != 0)
		return NULL;
	tab_forget(&prompt.tab);
	shared.interrupted = shared.stopped = shared.continued = 0;
	shared.editing = 1;
	take_signals(before);
	el_resize(prompt.el);
	line = el_gets(prompt.el, &length);
	if (line && length > 0 && !shared.interrupted)
		copy = g_strndup(line, (size_t)length - (line[length - 1] == '\n'));
	el_reset(prompt.el);
	prompt_restore_terminal();
	give_signals_back(before);
	shared.editing = 0;
	if (!copy)
		fputs(shared.interrupted ? "^C\n" : "\n", prompt.out);
	fflush(prompt.out);
	return copy;
}

static int prompt_read(lua_State *L)
{
	size_t length, columns;
	const char *text = luaL_checklstring(L, 1, &length);
	char *line;

	if (!isatty(STDIN_FILENO))
		return luaL_error(L, "the prompt needs a terminal");
	set_up(L);
	g_free(prompt.text);
	prompt.text = g_malloc(length * FORMATS_CLEAN_MAX + 1);
	prompt.text[formats_clean_into(prompt.text, text, length, &columns)] = '\0';
	prompt.L = L;
	line = edit_line();
	if (line) {
		lua_pushstring(L, line);
		g_free(line);
		return 1;
	}
	lua_pushnil(L);
	if (!shared.interrupted)
		return 1;
	lua_pushliteral(L, "interrupted");
	return 2;
}

/* ---- The rest of the module ---- */

static int prompt_remember(lua_State *L)
{
	const char *line = luaL_checkstring(L, 1);
	guint n;

	make_history();
	n = prompt.added->len;
	if (!line[strspn(line, " \t")] || strchr(line, '\n') ||
		(n > 0 && strcmp(g_ptr_array_index(prompt.added, n - 1), line) == 0))
		return 0;
	add_to_history(line);
	g_ptr_array_add(prompt.added, g_strdup(line));
	return 0;
}

static int prompt_load_history(lua_State *L)
{
	GPtrArray *lines = history_read(luaL_checkstring(L, 1));

	make_history();
	for (guint i = 0; i < lines->len; i++)
		add_to_history(g_ptr_array_index(lines, i));
	g_ptr_array_unref(lines);
	return 0;
}

static int prompt_save_history(lua_State *L)
{
	const char *path = luaL_checkstring(L, 1);
	bool ok = true;

	if (prompt.added && prompt.added->len > 0) {
		ok = history_add(path, prompt.added);
		g_ptr_array_set_size(prompt.added, 0);
	}
	lua_pushboolean(L, ok);
	return 1;
}

static int prompt_complete(lua_State *L)
{
	luaL_checktype(L, 1, LUA_TFUNCTION);
	lua_settop(L, 1);
	lua_setfield(L, LUA_REGISTRYINDEX, COMPLETE_KEY);
	return 0;
}

static int prompt_session(lua_State *L)
{
	interrupt_session(lua_toboolean(L, 1));
	return 0;
}

/*
 * The message handler of a call. After a Ctrl-C nothing is asked: what is written in Lua would be
 * stopped, too.
 */
static int on_error(lua_State *L)
{
	if (interrupt_pending())
		return 1;
	lua_pushvalue(L, lua_upvalueindex(1));
	lua_insert(L, 1);
	lua_call(L, 1, 1);
	return 1;
}

static int prompt_call(lua_State *L)
{
	bool interrupted;
	int status;

	luaL_checkany(L, 2);
	lua_pushvalue(L, 2);
	lua_pushcclosure(L, on_error, 1);
	lua_insert(L, 1);
	/* handler, function, ... becomes handler, room for the first result, function, ... */
	lua_pushvalue(L, 2);
	lua_replace(L, 3);
	lua_pushnil(L);
	lua_replace(L, 2);
	status = interrupt_call(L, lua_gettop(L) - 3, 1, &interrupted);
	if (interrupted) {
		lua_settop(L, 2);
		return 1;
	}
	lua_pushboolean(L, status == LUA_OK);
	lua_replace(L, 2);
	return lua_gettop(L) - 1;
}

static int clean_up(lua_State *L)
{
	(void)L;
	if (prompt.el)
		el_end(prompt.el);
	if (prompt.lines) {
		history_end(prompt.lines);
		g_ptr_array_unref(prompt.added);
	}
	tab_forget(&prompt.tab);
	g_free(prompt.text);
	memset(&prompt, 0, sizeof(prompt));
	return 0;
}

static const struct object_type guard_type = {.name = "lttnga.prompt", .gc = clean_up};

int luaopen_lttnga_prompt(lua_State *L)
{
	static const luaL_Reg functions[] = {
		{"read", prompt_read},
		{"remember", prompt_remember},
		{"load_history", prompt_load_history},
		{"save_history", prompt_save_history},
		{"complete", prompt_complete},
		{"session", prompt_session},
		{"call", prompt_call},
		{NULL, NULL},
	};

	object_new(L, &guard_type, 0, 0);
	lua_setfield(L, LUA_REGISTRYINDEX, GUARD_KEY);
	luaL_newlib(L, functions);
	return 1;
}
