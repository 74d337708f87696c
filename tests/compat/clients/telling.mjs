// A script of this folder is run as `node NAME.mjs STEP JSON`, does what the step says and prints what it found as JSON.

// What a browser keeps between visits: as much of it as the clients ask for.
export class Storage {
  constructor(kept = {}) {
    this.kept = new Map(Object.entries(kept));
  }
  getItem(key) {
    return this.kept.get(key) ?? null;
  }
  setItem(key, value) {
    this.kept.set(key, String(value));
  }
  removeItem(key) {
    this.kept.delete(key);
  }
  toJSON() {
    return Object.fromEntries(this.kept);
  }
}

// Every request from now on is noted as it leaves: its operation, and whether a token went with it.
export function watch() {
  const sent = [];
  const really = globalThis.fetch;
  globalThis.fetch = (input, init) => {
    const headers = new Headers(init?.headers);
    const operation = JSON.parse(init.body).query.match(/(query|mutation)\s+(\w+)/)?.[2];
    sent.push([operation, headers.has("authorization") ? "with token" : "without"]);
    return really(input, init);
  };
  return sent;
}

// Whoever runs the script does something meanwhile: it reads a line here, and answers with one.
export async function pause() {
  process.stdout.write("\n");
  await new Promise((resume) => process.stdin.once("data", resume));
  process.stdin.destroy();
}

export async function tell(steps) {
  const [, , step, given] = process.argv;
  // What the clients themselves complain about belongs beside the facts, not among them.
  console.warn = console.error;
  const facts = await steps[step](JSON.parse(given));
  process.stdout.write(JSON.stringify(facts));
}
