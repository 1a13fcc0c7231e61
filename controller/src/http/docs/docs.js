// Renders openapi.json: every operation with its parameters, bodies and answers, the curl line for it, and a way to
// send it. Text from the document and from answers is only ever set as text.
"use strict";

const by = (id) => document.getElementById(id);

function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

let api;

function resolve(schema) {
  let seen = 0;
  while (schema && schema.$ref && seen++ < 20) {
    schema = schema.$ref.slice(2).split("/").reduce((node, key) => node?.[key], api);
  }
  return schema ?? {};
}

function properties(schema) {
  schema = resolve(schema);
  const own = Object.entries(schema.properties ?? {});
  const required = schema.required ?? [];
  const rows = own.map(([name, part]) => ({ name, part, required: required.includes(name) }));
  return (schema.allOf ?? []).flatMap(properties).concat(rows);
}

function typeOf(schema, depth = 0) {
  if (depth > 8) return "…";
  const name = schema?.$ref?.split("/").pop();
  const real = resolve(schema);
  if (real.oneOf || real.anyOf) {
    return (real.oneOf ?? real.anyOf).map((one) => typeOf(one, depth + 1)).join(" or ");
  }
  const type = [].concat(real.type ?? "any").join(" or ");
  if (type.includes("array")) return `list of ${typeOf(real.items, depth + 1)}`;
  const limits = [["minimum", "from"], ["maximum", "to"], ["maxLength", "at most"]]
    .filter(([key]) => real[key] !== undefined).map(([key, word]) => `${word} ${real[key]}`).join(" ");
  return [name ?? type, real.format, limits].filter(Boolean).join(", ");
}

function example(schema, depth = 0) {
  const real = resolve(schema);
  if (real.example !== undefined) return real.example;
  if (real.default !== undefined) return real.default;
  if (real.oneOf) return example(real.oneOf.find((one) => one.type !== "null") ?? {}, depth + 1);
  const type = [].concat(real.type ?? "object").find((one) => one !== "null");
  if (type === "string") return "";
  if (type === "integer" || type === "number") return real.minimum ?? 0;
  if (type === "boolean") return false;
  if (type === "array") return [];
  if (depth > 4) return {};
  const wanted = properties(schema).filter((row) => row.required);
  return Object.fromEntries(wanted.map((row) => [row.name, example(row.part, depth + 1)]));
}

function table(schema) {
  const rows = properties(schema);
  if (rows.length === 0) return make("p", { className: "quiet", textContent: typeOf(schema) });
  const line = ({ name, part, required }) => make("tr", {},
    make("td", {}, make("code", { textContent: name }), required ? " *" : ""),
    make("td", { className: "quiet", textContent: typeOf(part) }),
    make("td", { textContent: part.description ?? resolve(part).description ?? "" }));
  return make("table", {}, ...rows.map(line));
}

const quoted = (text) => `'${text.replaceAll("'", `'\\''`)}'`;

function tryIt(path, method, operation) {
  const inputs = (operation.parameters ?? []).map((parameter) => ({
    parameter, input: make("input", { placeholder: parameter.example ?? "", ariaLabel: parameter.name }),
  }));
  const content = operation.requestBody?.content ?? {};
  const type = Object.keys(content)[0];
  const isJson = type === "application/json";
  const body = type === undefined ? null : isJson
    ? make("textarea", { value: JSON.stringify(example(content[type].schema), null, 2), ariaLabel: "body", spellcheck: false })
    : make("input", { type: "file", ariaLabel: "body" });
  const line = make("pre");
  const answer = make("div");
  const send = make("button", { textContent: "Send" });
  const stop = make("button", { textContent: "Stop", hidden: true });

  const target = () => {
    let real = path;
    const query = new URLSearchParams();
    for (const { parameter, input } of inputs) {
      if (parameter.in === "path") real = real.replace(`{${parameter.name}}`, encodeURIComponent(input.value));
      if (parameter.in === "query" && input.value !== "") query.append(parameter.name, input.value);
    }
    return query.size ? `${real}?${query}` : real;
  };
  const curl = () => {
    const parts = ["curl", method === "get" ? "" : `-X ${method.toUpperCase()}`];
    if (by("token").value) parts.push("-H 'Authorization: Bearer TOKEN'");
    if (body && isJson && body.value.trim()) parts.push(`-d ${quoted(body.value.replace(/\s*\n\s*/g, " "))}`);
    if (body && !isJson) parts.push(`--data-binary @${quoted(body.files[0]?.name ?? "FILE")}`);
    parts.push(quoted(location.origin + target()));
    line.textContent = parts.filter(Boolean).join(" ");
  };

  send.onclick = async () => {
    const cancel = new AbortController();
    const headers = {};
    if (by("token").value) headers.Authorization = `Bearer ${by("token").value}`;
    for (const { parameter, input } of inputs) {
      if (parameter.in === "header" && input.value) headers[parameter.name] = input.value;
    }
    const given = body && (isJson ? body.value.trim() : body.files[0]);
    if (given) headers["Content-Type"] = type;
    stop.onclick = () => cancel.abort();
    stop.hidden = false;
    answer.replaceChildren(make("p", { className: "quiet", textContent: "…" }));
    try {
      const options = { method: method.toUpperCase(), headers, signal: cancel.signal };
      await show(await fetch(target(), given ? { ...options, body: given } : options), answer);
    } catch (error) {
      answer.append(make("p", { textContent: cancel.signal.aborted ? "stopped" : String(error) }));
    }
    stop.hidden = true;
  };

  const rows = inputs.map(({ parameter, input }) => make("tr", {},
    make("td", {}, make("code", { textContent: parameter.name }), parameter.required ? " *" : ""),
    make("td", {}, input),
    make("td", { className: "quiet", textContent: typeOf(parameter.schema) }),
    make("td", { textContent: parameter.description ?? "" })));
  const box = make("div", {},
    rows.length ? make("h3", { textContent: "Parameters" }) : null,
    rows.length ? make("table", {}, ...rows) : null,
    body ? make("h3", { textContent: `Body: ${type}` }) : null,
    isJson ? table(content[type].schema) : null,
    body, make("div", {}, send, stop), line, answer);
  box.addEventListener("input", curl);
  by("token").addEventListener("input", curl);
  curl();
  return box;
}

async function show(response, answer) {
  const type = response.headers.get("content-type") ?? "";
  answer.replaceChildren(make("p", { textContent: `${response.status} ${response.statusText} · ${type}` }));
  if (type.startsWith("image/")) {
    const source = URL.createObjectURL(await response.blob());
    answer.append(make("img", { src: source, alt: "the phone's screen", onload: () => URL.revokeObjectURL(source) }));
    return;
  }
  const text = make("pre");
  answer.append(text);
  if (type.startsWith("application/json")) {
    text.textContent = JSON.stringify(await response.json(), null, 2);
    return;
  }
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
    text.textContent = (text.textContent + piece.value).slice(-100000);
  }
}

function answers(operation) {
  const line = ([status, response]) => {
    const [type, content] = Object.entries(response.content ?? {})[0] ?? [];
    const data = type === "application/json" && status < "300"
      ? properties(content.schema).find((row) => row.name === "data")?.part : undefined;
    return make("tr", {}, make("td", { textContent: status }),
      make("td", {}, response.description, data ? table(data) : ""),
      make("td", { className: "quiet", textContent: type ?? "" }));
  };
  return make("table", {}, ...Object.entries(operation.responses).map(line));
}

function section(path, method, operation) {
  const details = make("details", {},
    make("summary", {},
      make("span", { className: "method", textContent: method.toUpperCase() }), " ",
      make("code", { textContent: path }), " ",
      make("span", { className: "quiet", textContent: operation.summary ?? "" })));
  details.dataset.find = `${method} ${path} ${operation.summary ?? ""}`.toLowerCase();
  details.id = operation.operationId;
  // Built when it is opened: there are many.
  details.addEventListener("toggle", () => {
    if (details.childElementCount > 1) return;
    details.append(make("div", {},
      operation.description ? make("p", { textContent: operation.description }) : null,
      operation["x-scope"] ? make("p", { className: "quiet", textContent: `a token needs the scope ${operation["x-scope"]}` }) : null,
      tryIt(path, method, operation),
      make("h3", { textContent: "Answers" }), answers(operation)));
  });
  return details;
}

async function start() {
  api = await (await fetch("/openapi.json")).json();
  by("title").textContent = `${api.info.title} ${api.info.version}`;
  by("description").textContent = api.info.description;
  const groups = new Map();
  for (const [path, item] of Object.entries(api.paths)) {
    for (const [method, operation] of Object.entries(item)) {
      const tag = operation.tags?.[0] ?? "other";
      groups.set(tag, [...(groups.get(tag) ?? []), section(path, method, operation)]);
    }
  }
  const order = [...groups.keys()].sort((a, b) => (b === "devices") - (a === "devices") || a.localeCompare(b));
  by("list").replaceChildren(...order.map((tag) =>
    make("section", {}, make("h2", { textContent: tag }), ...groups.get(tag))));
  const wanted = location.hash && by(location.hash.slice(1));
  if (wanted) wanted.open = true;
  by("find").addEventListener("input", () => {
    const words = by("find").value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const one of document.querySelectorAll("details")) {
      one.hidden = !words.every((word) => one.dataset.find.includes(word));
    }
    for (const group of document.querySelectorAll("section")) {
      group.hidden = !group.querySelector("details:not([hidden])");
    }
  });
}

start().catch((error) => { by("list").textContent = `openapi.json could not be read: ${error}`; });
