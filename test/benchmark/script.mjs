// Reads all calls of an execution and counts them, as a hand-written CI script would.
const url = `${process.env.BASE_URL}/simulate/test-executions/fc0dc4e3-a109-4ea2-b2ea-0c28f5d6dba9/?limit=100&page=`;
const calls = [];
for (let page = 1; ; page++) {
  const data = await (await fetch(url + page)).json();
  const rows = data.results ?? data.calls ?? [];
  calls.push(...rows);
  if (rows.length === 0 || calls.length >= (data.count ?? data.total_calls)) break;
}
const passed = calls.filter((call) => call.status === "completed").length;
const scores = calls.map((call) => call.overall_score).filter((score) => score !== null);
console.log((100 * passed) / calls.length, scores.reduce((a, b) => a + b, 0) / scores.length);
