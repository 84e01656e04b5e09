build-lto/host/lua/interrupt.o: host/lua/interrupt.c host/lua/interrupt.h \
 /usr/include/lua5.4/lua.h /usr/include/lua5.4/luaconf.h
host/lua/interrupt.h:
/usr/include/lua5.4/lua.h:
/usr/include/lua5.4/luaconf.h:
