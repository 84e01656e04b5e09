--- Spans of OpenTelemetry, from a file of OTLP JSON: --request spans:FILE

local otlp = require "lttnga.otlp"

return function(path)
  if not path or path == "" then
    return nil
  end
  return {
    -- What a program wrote down itself, instead of events that begin and end a request.
    name = otlp.label(path), given = otlp.given(path), spans = path,
    captures = { "span", "service", "kind", "trace_id", "span_id" },
    group = function(captures) return captures.span end,
  }
end
