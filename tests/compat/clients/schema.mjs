// What code generators do first: they ask the running shop for its schema, as Saleor's storefront does before it builds.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tell } from "./telling.mjs";

// graphql-js 16, which today's generators bring along; the older one here is the old client's.
const graphql = createRequire(createRequire(import.meta.url).resolve("@saleor/auth-sdk"))("graphql");
const { buildClientSchema, buildSchema, getIntrospectionQuery, lexicographicSortSchema, printSchema } = graphql;

const printed = (schema) => printSchema(lexicographicSortSchema(schema)).split("\n");

await tell({
  async compare({ url, file }) {
    const answer = await fetch(url, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ query: getIntrospectionQuery({ inputValueDeprecation: true, oneOf: true }) }),
    });
    const { data, errors } = await answer.json();
    if (errors) return { errors };
    const [running, written] = [buildClientSchema(data), buildSchema(readFileSync(file, "utf8"))].map(printed);
    const [here, there] = [new Set(running), new Set(written)];
    return {
      version: graphql.version,
      lines: [running.length, written.length],
      only_running: running.filter((line) => !there.has(line)),
      only_written: written.filter((line) => !here.has(line)),
    };
  },
});
