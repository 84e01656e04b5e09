--- Hard interrupt handlers.

return {
  each = { "irq_end" },
  captures = { "irq", "name" },
}
