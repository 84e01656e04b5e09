--- Handlers of hard interrupts.

return {
  each = { "irq_end" },
  captures = { "irq", "name" },
}
