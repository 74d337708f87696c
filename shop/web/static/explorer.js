"use strict";
// The explorer: no framework, no network but our own address. What is typed survives a reload.
const at = (id) => document.getElementById(id);
const saved = JSON.parse(at("saved").textContent);
const fields = ["query", "variables", "headers"];
const keep = (name, value) => { try { localStorage.setItem(name, value); } catch { /* private window */ } };
const kept = (name) => { try { return localStorage.getItem(name); } catch { return null; } };
const first = saved.find((one) => one.name === "ProductList") || saved[0];
let current = kept("explorer.document") || (first && first.name);

// A first value for each variable, from the document's own declarations and the demo's data.
const EXAMPLES = { channel: "default-channel", first: 12, languageCode: "EN" };
const SLUGS = [
  [/category/i, "consultations"], [/collection/i, "featured-products"], [/product/i, "course-of-3-consultations"],
  [/menu/i, "navbar"], [/channel/i, "default-channel"], [/./, "adult-stem-cell-therapy-for-hair-loss"],
];
function exampleVariables(query, document) {
  const head = /(?:query|mutation)\s+\w+\s*\(([^)]*)\)/.exec(query);
  const values = {};
  for (const found of (head ? head[1] : "").matchAll(/\$(\w+)\s*:\s*([\w[\]!]+)\s*(=)?/g)) {
    const [, name, type, hasDefault] = found;
    if (hasDefault) continue;
    if (name in EXAMPLES) values[name] = EXAMPLES[name];
    else if (name === "slug") values[name] = SLUGS.find(([word]) => word.test(document))[1];
    else if (type.endsWith("!")) values[name] = type.startsWith("[") ? [] : type.startsWith("Int") ? 1 : "";
  }
  return JSON.stringify(values, null, 2);
}

function open(name) {
  const found = saved.find((one) => one.name === name);
  if (!found) return;
  current = name;
  keep("explorer.document", name);
  at("query").value = kept(`explorer.query.${name}`) || found.query;
  at("variables").value = kept(`explorer.variables.${name}`) || exampleVariables(found.query, found.name);
  at("headers").value = kept("explorer.headers") || "{}";
  at("purpose").textContent = found.purpose;
  for (const button of at("documents").querySelectorAll("button")) {
    button.setAttribute("aria-current", String(button.dataset.name === name));
  }
}

for (const one of saved) {
  const item = document.createElement("li");
  const button = document.createElement("button");
  button.type = "button";
  button.dataset.name = one.name;
  button.title = one.purpose;
  // Long names may break between their words.
  for (const word of one.name.split(/(?=[A-Z])/)) button.append(word, document.createElement("wbr"));
  button.addEventListener("click", () => open(one.name));
  item.append(button);
  at("documents").append(item);
}
for (const id of fields) {
  at(id).addEventListener("input", () => {
    keep(id === "headers" ? "explorer.headers" : `explorer.${id}.${current}`, at(id).value);
  });
}

function parse(id, label) {
  const text = at(id).value.trim();
  if (!text) return {};
  try { return JSON.parse(text); } catch (error) { throw new Error(`${label}: ${error.message}`); }
}

async function run() {
  const status = at("status");
  let variables, headers;
  try {
    variables = parse("variables", "Variables");
    headers = parse("headers", "Headers");
  } catch (error) {
    status.textContent = error.message;
    return;
  }
  status.textContent = "Running…";
  const started = performance.now();
  try {
    const reply = await fetch("/graphql/", {
      method: "POST",
      headers: { "Content-Type": "application/json", ...headers },
      body: JSON.stringify({ query: at("query").value, variables }),
    });
    const text = await reply.text();
    const took = Math.round(performance.now() - started);
    const timing = reply.headers.get("Server-Timing");
    status.textContent = `HTTP ${reply.status}, ${took} ms${timing ? ` (${timing})` : ""}`;
    try { at("reply").textContent = JSON.stringify(JSON.parse(text), null, 2); } catch { at("reply").textContent = text; }
  } catch (error) {
    status.textContent = `No answer: ${error.message}. Does the shop still run?`;
  }
}

at("run").addEventListener("click", run);
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); run(); }
});
at("toggle").addEventListener("click", () => {
  const hidden = !at("schema").hidden;
  at("schema").hidden = hidden;
  at("toggle").setAttribute("aria-pressed", String(!hidden));
});

// The schema's definitions, filtered by what is typed.
const definitions = at("sdl").textContent.split(/\n\n(?=(?:"""|type |input |enum |interface |union |scalar |directive |schema ))/);
at("search").addEventListener("input", () => {
  const word = at("search").value.trim().toLowerCase();
  const matching = word ? definitions.filter((text) => text.toLowerCase().includes(word)) : definitions;
  at("sdl").textContent = matching.join("\n\n") || "Nothing found.";
});
open(current);
if (!at("query").value && first) open(first.name);
