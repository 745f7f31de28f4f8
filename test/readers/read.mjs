// Checks the reports with third-party readers: node read.mjs DIR
//
// DIR is the folder of the reports, internal/report. junit2json reads the JUnit reports, and must
// find what the JSON report of the same run has. Mermaid parses the diagrams in the summaries.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { JSDOM } from "jsdom";
import { parse } from "junit2json";

const dom = new JSDOM("");
globalThis.window = dom.window;
globalThis.document = dom.window.document;
const { default: mermaid } = await import("mermaid");
mermaid.initialize({});

const folder = process.argv[2];
const golden = (format) => join(folder, format, "testdata");
const read = (format, name) => readFileSync(join(golden(format), name), "utf8");
let failed = 0;
const counted = { reports: 0, pictures: 0 };

for (const format of ["junit", "markdown"]) {
  for (const name of readdirSync(golden(format)).sort()) {
    if (name.endsWith(".xml.golden")) {
      counted.reports++;
      const run = JSON.parse(read("jsonreport", name.replace(".xml.", ".json.")));
      const report = await parse(read(format, name));
      const cases = report.testsuite.flatMap((suite) => suite.testcase ?? []);
      const found = cases.filter((c) => !/(^|\.)agent-gate\.criteria$/.test(c.classname));
      const bad = found.filter((c) => c.failure || c.error || c.skipped);
      // A scenario of which calls never came has one case for them.
      const runs = run.gates ? run.gates.map((g) => g.report).filter(Boolean) : [run];
      const absent = runs.flatMap((r) => r.scenarios).filter((s) => s.counts.missing > 0).length;
      const all = runs.flatMap((r) => r.calls);
      // Where a call can be below the bar, it is not known of one without the result whether it is.
      const hasBar = (r) => r.judged_by.pass_when.length > 0 || r.evals.some((e) => e.type === "Pass/Fail");
      const unsure = runs.filter(hasBar).flatMap((r) => r.calls).filter((c) => c.outcome === "succeeded" && c.passed === null).length;
      const want = all.filter((c) => c.outcome !== "succeeded" || c.passed === false).length + unsure + absent;
      const calls = all.length + absent;
      const ok = report.tests === cases.length && found.length === calls && bad.length === want;
      console.log(`${name}: ${ok ? "ok" : `${found.length} calls, ${bad.length} bad, of ${report.tests}; want ${calls} and ${want}`}`);
      failed += !ok;
    }
    if (name.endsWith(".md.golden")) {
      for (const [, picture] of read(format, name).matchAll(/```mermaid\n(.*?)```/gs)) {
        counted.pictures++;
        try {
          await mermaid.parse(picture);
        } catch (problem) {
          console.log(`${name}: ${problem}\n${picture}`);
          failed++;
        }
      }
    }
  }
}
console.log(`${counted.reports} reports and ${counted.pictures} pictures read`);
if (failed || !counted.reports || !counted.pictures) process.exit(1);
