"use strict";
// The explorer: no framework, no network but our own address. What is typed and what replies brought lives as long as
// the tab. A lesson's variables name what earlier replies bring; Run asks for what is missing first.
const at = (id) => document.getElementById(id);
const chapters = JSON.parse(at("saved").textContent);
const lessons = new Map(chapters.flatMap((chapter) => chapter.lessons).map((lesson) => [lesson.name, lesson]));
// Which lesson brings a thing. Lessons that were run are things too, by their own names.
const keeper = new Map([...lessons.values()].flatMap((lesson) => Object.keys(lesson.keeps).map((thing) => [thing, lesson])));
const PLACEHOLDER = /\{\{([^}]+)\}\}/g;
// Access tokens live for five minutes.
const LOGIN_LASTS = 4 * 60 * 1000;

const memory = {
  get(key) { try { return sessionStorage.getItem(`explorer.${key}`); } catch { return null; } },
  set(key, value) { try { sessionStorage.setItem(`explorer.${key}`, value); } catch { /* private window */ } },
  remove(key) { try { sessionStorage.removeItem(`explorer.${key}`); } catch { /* private window */ } },
};
// Thing or lesson: its value, the values that it was made with, and when.
let things = JSON.parse(memory.get("things") || "{}");
const drafts = (name) => `draft.${name}.${current.name}`;
let current = lessons.get(memory.get("lesson")) || lessons.get("ProductList");

function isGood(name) {
  const thing = things[name];
  if (!thing) return false;
  if (thing.until && thing.until < Date.now()) return false;
  return Object.entries(thing.made).every(([other, value]) => things[other] && things[other].value === value && isGood(other));
}
function keepThing(name, value, made, until) {
  things[name] = { value, made, until };
  memory.set("things", JSON.stringify(things));
}
function forgetThings(names) {
  for (const name of names) delete things[name];
  memory.set("things", JSON.stringify(things));
}
const days = (count) => new Date(Date.now() + count * 86400000).toISOString();

// The token of a link in the newest mail to the address that was made up for this tab.
async function newestMailToken(path) {
  const to = await valueOf("fresh email");
  const used = JSON.parse(memory.get("used") || "[]");
  // A job sends it: it may take a moment.
  for (let attempt = 0; attempt < 60; attempt += 1) {
    const page = await fetch("/mailbox");
    if (!page.ok) throw new Error("there is no mailbox here: the shop has a mail server (SHOP_SMTP_URL)");
    const mails = new DOMParser().parseFromString(await page.text(), "text/html");
    const ours = [...mails.querySelectorAll("article")].filter((mail) => mail.querySelector(".meta").textContent.includes(to));
    const links = ours.flatMap((mail) => mail.querySelector("pre").textContent.match(/https?:\/\/\S+/g) || []);
    const tokens = links.map((link) => new URL(link)).filter((link) => link.pathname.startsWith(path))
      .map((link) => link.searchParams.get("token") || link.pathname.slice(path.length));
    const found = tokens.find((token) => !used.includes(token));
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  throw new Error(`no mail to ${to} in /mailbox has a link to ${path}`);
}
// The value of what stands in braces. Things are good by now, unless a person has to type them.
async function valueOf(name) {
  const [kind, word] = name.split(" ");
  if (name === "origin") return location.origin;
  if (kind === "day") return days(Number(word)).slice(0, 10);
  if (kind === "time") return days(Number(word));
  if (kind === "mail") return newestMailToken(word);
  if (name === "fresh email" && !things[name]) {
    keepThing(name, `explorer-${Math.random().toString(36).slice(2, 10)}@example.com`, {});
  }
  return isGood(name) ? things[name].value : undefined;
}
async function filled(value, made) {
  if (Array.isArray(value)) return Promise.all(value.map((each) => filled(each, made)));
  if (value && typeof value === "object") {
    const pairs = await Promise.all(Object.entries(value).map(async ([key, each]) => [key, await filled(each, made)]));
    return Object.fromEntries(pairs);
  }
  if (typeof value !== "string") return value;
  let text = value;
  for (const [braces, name] of value.matchAll(PLACEHOLDER)) {
    const found = await valueOf(name);
    if (found === undefined) continue;
    if (things[name]) made[name] = found;
    text = text.replace(braces, found);
  }
  return text;
}
const needed = (lesson) => {
  const named = [...JSON.stringify(lesson.variables).matchAll(PLACEHOLDER)].map(([, name]) => name);
  return [...new Set([...named, ...(lesson.whose ? [lesson.whose] : [])])].filter((name) => keeper.has(name));
};
const headersOf = (lesson) => (lesson.whose ? { Authorization: `Bearer {{${lesson.whose}}}` } : {});
// What has to be run before, the first first.
function before(lesson, found = new Set()) {
  const missing = [...needed(lesson).filter((name) => !isGood(name)).map((name) => keeper.get(name)),
    ...lesson.after.filter((name) => !isGood(name)).map((name) => lessons.get(name))];
  for (const other of missing) {
    if (!found.has(other)) before(other, found);
    found.add(other);
  }
  return found;
}

async function send(query, variables, headers) {
  const started = performance.now();
  const reply = await fetch("/graphql/", {
    method: "POST",
    headers: { "Content-Type": "application/json", ...headers },
    body: JSON.stringify({ query, variables }),
  });
  const text = await reply.text();
  let body = null;
  try { body = JSON.parse(text); } catch { /* shown as it is */ }
  return { status: reply.status, text, body, took: Math.round(performance.now() - started), timing: reply.headers.get("Server-Timing") };
}
// The errors of a reply, of the request and of its payloads.
function complaints(body) {
  const found = ((body && body.errors) || []).map((error) => error.message);
  for (const payload of Object.values((body && body.data) || {})) {
    for (const error of (payload && payload.errors) || []) found.push(`${error.code} on ${error.field}: ${error.message}`);
  }
  return found;
}
const follow = (value, path) => path.split(".").reduce(
  (found, part) => (found == null ? found : found[part === "last" ? found.length - 1 : part]), value,
);
function learn(lesson, reply, sent, used) {
  // What the lesson used up was good when it was sent: what came of it stays.
  forgetThings(lesson.forgets);
  if (lesson.forgets.length && sent.token) memory.set("used", JSON.stringify([...JSON.parse(memory.get("used") || "[]"), sent.token]));
  const made = Object.fromEntries(Object.entries(used).filter(([name, value]) => isGood(name) && things[name].value === value));
  keepThing(lesson.name, Date.now(), made);
  for (const [thing, path] of Object.entries(lesson.keeps)) {
    const value = follow(reply.body.data, path);
    if (value != null) keepThing(thing, value, made, path === "tokenCreate.token" ? Date.now() + LOGIN_LASTS : undefined);
  }
}
// What is sent for a lesson: as it was typed, or as it was saved.
async function request(lesson) {
  const draft = (name) => memory.get(`draft.${name}.${lesson.name}`);
  const made = {};
  const given = (name, saved) => {
    const text = draft(name);
    if (text === null) return saved;
    try { return JSON.parse(text.trim() || "{}"); } catch (error) { throw new Error(`${name} of ${lesson.name}: ${error.message}`); }
  };
  const variables = await filled(given("variables", lesson.variables), made);
  const headers = await filled(given("headers", headersOf(lesson)), made);
  for (const name of lesson.after) if (things[name]) made[name] = things[name].value;
  const left = JSON.stringify([variables, headers]).match(/\{\{([^}]+)\}\}/);
  if (left) throw new Error(`${lesson.name} needs what stands for ${left[0]} in its variables. ${lesson.note}`);
  return { query: draft("query") || lesson.query, variables, headers, made };
}

async function run() {
  const lesson = current;
  const ran = [];
  at("run").disabled = true;
  at("status").textContent = "Running…";
  at("links").replaceChildren();
  try {
    // Looked up anew each time: what was good may be used up by then.
    for (let next = [...before(lesson)][0]; next; next = [...before(lesson)][0]) {
      if (ran.includes(next.name)) throw new Error(`${next.name} did not bring what ${lesson.name} needs`);
      const wanted = await request(next);
      const reply = await send(wanted.query, wanted.variables, wanted.headers);
      const wrong = complaints(reply.body);
      if (wrong.length) {
        open(next.name);
        await show(next, reply, wanted, ran);
        return;
      }
      learn(next, reply, wanted.variables, wanted.made);
      ran.push(next.name);
    }
    const wanted = await request(lesson);
    const reply = await send(wanted.query, wanted.variables, wanted.headers);
    await show(lesson, reply, wanted, ran);
    if (reply.status === 200 && !complaints(reply.body).length) learn(lesson, reply, wanted.variables, wanted.made);
    describeNeeds();
  } catch (error) {
    const lost = error instanceof TypeError ? " Does the shop still run?" : "";
    at("status").textContent = `Not sent: ${error.message}.${lost}`;
  } finally {
    at("run").disabled = false;
  }
}
async function show(lesson, reply, wanted, ran) {
  const wrong = complaints(reply.body);
  const first = ran.length ? ` Asked first: ${ran.join(", ")}.` : "";
  at("status").textContent = `HTTP ${reply.status}, ${reply.took} ms${reply.timing ? ` (${reply.timing})` : ""}.${first}${wrong.length ? ` ${wrong.join(" ")}` : ""}`;
  at("reply").textContent = reply.body ? JSON.stringify(reply.body, null, 2) : reply.text;
  at("variables").value = JSON.stringify(wanted.variables, null, 2);
  at("headers").value = JSON.stringify(wanted.headers, null, 2);
  at("links").replaceChildren(...linksIn(reply.body && reply.body.data).map((url) => {
    const link = document.createElement("a");
    link.href = url;
    link.target = "_blank";
    link.rel = "noreferrer";
    link.textContent = url.length > 80 ? `${url.slice(0, 80)}…` : url;
    return link;
  }));
}
// Addresses of pages in a reply, such as the one to pay at; pictures are left out.
function linksIn(value) {
  const found = [];
  const look = (each) => {
    if (typeof each === "string") { if (/^https?:\/\/\S+$/.test(each) && !/\/(thumbnail|media)\//.test(each)) found.push(each); }
    else if (each && typeof each === "object") Object.values(each).forEach(look);
  };
  look(value);
  return [...new Set(found)].slice(0, 5);
}

// A text in which `words` are code.
function prose(element, text) {
  element.replaceChildren(...text.split("`").map((part, index) => {
    if (index % 2 === 0) return part;
    const code = document.createElement("code");
    code.textContent = part;
    return code;
  }));
}
function describeNeeds() {
  const first = [...before(current)].map((lesson) => lesson.name);
  const login = current.whose === "customer" ? "Sent with the token of TokenCreate, as the demo customer that AccountRegister makes. "
    : current.whose === "staff" ? "Sent with the token of TokenCreate as staff: put the password that `make run` printed in there. " : "";
  prose(at("needs"), login + (first.length ? `Run asks first: ${first.join(", ")}.` : ""));
}
function open(name) {
  current = lessons.get(name) || current;
  memory.set("lesson", current.name);
  at("title").textContent = current.name;
  prose(at("purpose"), current.purpose);
  prose(at("note"), current.note);
  at("query").value = memory.get(drafts("query")) || current.query;
  at("variables").value = memory.get(drafts("variables")) ?? JSON.stringify(current.variables, null, 2);
  at("headers").value = memory.get(drafts("headers")) ?? JSON.stringify(headersOf(current), null, 2);
  at("restore").hidden = !["query", "variables", "headers"].some((kind) => memory.get(drafts(kind)) !== null);
  describeNeeds();
  for (const button of at("chapters").querySelectorAll("button")) {
    const here = button.dataset.name === current.name;
    button.setAttribute("aria-current", String(here));
    if (here) button.scrollIntoView({ block: "nearest" });
  }
}

for (const chapter of chapters) {
  const part = document.createElement("section");
  const heading = document.createElement("h2");
  const about = document.createElement("p");
  const list = document.createElement("ul");
  heading.textContent = chapter.title;
  about.className = "hint";
  prose(about, chapter.about);
  for (const lesson of chapter.lessons) {
    const item = document.createElement("li");
    const button = document.createElement("button");
    button.type = "button";
    button.dataset.name = lesson.name;
    button.title = lesson.purpose;
    // Long names may break between their words.
    for (const word of lesson.name.split(/(?=[A-Z])/)) button.append(word, document.createElement("wbr"));
    button.addEventListener("click", () => {
      open(lesson.name);
      at("status").textContent = "Not run yet.";
      at("reply").textContent = "";
      at("links").replaceChildren();
    });
    item.append(button);
    list.append(item);
  }
  part.append(heading, about, list);
  at("chapters").append(part);
}
at("find").addEventListener("input", () => {
  const word = at("find").value.trim().toLowerCase();
  for (const part of at("chapters").children) {
    let some = false;
    for (const item of part.querySelectorAll("li")) {
      const lesson = lessons.get(item.firstChild.dataset.name);
      item.hidden = !`${lesson.name} ${lesson.purpose}`.toLowerCase().includes(word);
      some = some || !item.hidden;
    }
    part.hidden = !some;
  }
});
for (const kind of ["query", "variables", "headers"]) {
  at(kind).addEventListener("input", () => {
    memory.set(drafts(kind), at(kind).value);
    at("restore").hidden = false;
  });
}
at("restore").addEventListener("click", () => {
  for (const kind of ["query", "variables", "headers"]) memory.remove(drafts(kind));
  open(current.name);
});
at("copy").addEventListener("click", async () => {
  try { await navigator.clipboard.writeText(at("query").value); at("status").textContent = "Copied."; }
  catch { at("query").select(); at("status").textContent = "Marked: copy it with Ctrl+C."; }
});
at("forget").addEventListener("click", () => {
  things = {};
  try { sessionStorage.clear(); } catch { /* private window */ }
  open(current.name);
  at("status").textContent = "Everything is forgotten.";
});
at("run").addEventListener("click", run);
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); if (!at("run").disabled) run(); }
});
at("toggle").addEventListener("click", () => {
  const hidden = !at("schema").hidden;
  at("schema").hidden = hidden;
  at("toggle").setAttribute("aria-pressed", String(!hidden));
  if (!hidden) at("search").focus();
});

// The schema's definitions, filtered by what is typed.
const definitions = at("sdl").textContent.split(/\n\n(?=(?:"""|type |input |enum |interface |union |scalar |directive |schema ))/);
at("search").addEventListener("input", () => {
  const word = at("search").value.trim().toLowerCase();
  const matching = word ? definitions.filter((text) => text.toLowerCase().includes(word)) : definitions;
  at("sdl").textContent = matching.join("\n\n") || "Nothing found.";
});
open(current.name);
