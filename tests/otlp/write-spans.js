// Writes spans of @opentelemetry/sdk-trace-node as OTLP JSON, one ExportTraceServiceRequest a line, to
// the file that is named: requests that read a file, wait, and compute. tests/spec/spans_spec.lua
// runs it where npm's packages may be had; sdk-spans.jsonl beside it is what it has written once.
// SPDX-License-Identifier: MIT
"use strict";
const fs = require("fs");
const { NodeTracerProvider, SimpleSpanProcessor } = require("@opentelemetry/sdk-trace-node");
const { JsonTraceSerializer } = require("@opentelemetry/otlp-transformer");
const { resourceFromAttributes, defaultResource } = require("@opentelemetry/resources");
const { SpanKind, SpanStatusCode, context, trace } = require("@opentelemetry/api");

const path = process.argv[2];
const exporter = {
  export(spans, done) {
    fs.appendFileSync(path, Buffer.from(JsonTraceSerializer.serializeRequest(spans)) + "\n");
    done({ code: 0 });
  },
  shutdown() { return Promise.resolve(); },
};
const provider = new NodeTracerProvider({
  resource: defaultResource().merge(resourceFromAttributes({
    "service.name": "shop", "process.pid": process.pid, "process.executable.name": "node",
  })),
  spanProcessors: [new SimpleSpanProcessor(exporter)],
});
provider.register();
const tracer = provider.getTracer("shop", "1.0");

async function step(name, parent, work) {
  const span = tracer.startSpan(name, {}, parent);
  await work(span);
  span.end();
}

async function request(number) {
  const span = tracer.startSpan("GET /cart", { kind: SpanKind.SERVER,
    attributes: { "server.port": 8080, "cart.items": number, "cart.total": 9.5 } });
  const inner = trace.setSpan(context.active(), span);
  await step("read", inner, () => fs.promises.readFile(__filename));
  await step("wait", inner, () => new Promise((go) => setTimeout(go, 5)));
  await step("compute", inner, () => { for (let i = 0; i < 1e6; i++); });
  if (number === 2)
    span.setStatus({ code: SpanStatusCode.ERROR, message: "no cart" });
  span.end();
}

(async () => {
  for (let number = 0; number < 3; number++)
    await request(number);
  await provider.shutdown();
})();
