--- System calls of one or several names: --request syscall:futex, syscall:pread64,pwrite64

return function(names)
  local list = {}
  for name in (names or ""):gmatch "[%w_]+" do
    list[#list + 1] = ('"%s"'):format(name)
  end
  if not list[1] then
    return nil
  end
  return {
    each = { "syscall_exit", where = ("name in { %s }"):format(table.concat(list, ", ")),
      size = "size", error = "error" },
    captures = { "name", "fd", "path" },
  }
end
