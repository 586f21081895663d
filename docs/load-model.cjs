// node docs/load-model.cjs: prints the load model of docs/operations.md as a table and draws docs/load-model.svg.
// Everything follows from the limits of Azure, what a create writes, and the list prices below.
"use strict";

const fs = require("fs");
const path = require("path");

const partitionEntities = 2000; // entities a second that a partition of a table takes
const createRows = 2; // an assignment and its history record; the license row once for each transaction
const groupLimit = 49; // creates in an entity group transaction of 100 entities
const instanceRequests = 500; // creates a second on one core, host and worker, with room to spare
const memoryGB = 2;
const warmInstances = 2; // of prod
const prices = { execution: 0.4e-6, gigabyteSecond: 26e-6, storageCall: 0.036e-6, logGigabyte: 2.3 }; // dollars
const logBytes = 4700; // seven records of a create

/** What happens to so many creates a minute on one license, when a transaction takes so many seconds. */
function model(perMinute, transactionSeconds) {
  const asked = perMinute / 60;
  const arriving = Math.min(groupLimit, Math.max(1, asked * transactionSeconds));
  // Changes that a full partition cannot write wait, and fill the next transaction.
  const group = asked * (createRows + 1 / arriving) > partitionEntities ? groupLimit : arriving;
  const served = Math.min(asked, group / transactionSeconds, partitionEntities / (createRows + 1 / group));
  const instances = Math.max(1, Math.ceil(served / instanceRequests));
  const cost =
    served * 60 * (prices.execution + prices.storageCall / group + (logBytes / 1e9) * prices.logGigabyte) +
    instances * 60 * memoryGB * prices.gigabyteSecond;
  return { asked, group, served, entities: served * (createRows + 1 / group), instances, cost };
}

function table() {
  const rows = [600, 6000, 20000, 40000, 60000].map((perMinute) => {
    const at = model(perMinute, 0.025);
    return [
      perMinute.toLocaleString("en"),
      at.group.toFixed(at.group < 10 ? 1 : 0),
      Math.round(at.entities).toLocaleString("en"),
      Math.round(at.served * 60).toLocaleString("en"),
      String(at.instances),
      `$${at.cost.toFixed(at.cost < 0.1 ? 3 : 2)}`,
    ];
  });
  const head = ["people a minute", "creates in a transaction", "entities a second", "served a minute", "instances", "cost of the minute"];
  return [head, head.map(() => "---:"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

function plot() {
  const [width, height, left, right, top, bottom] = [720, 400, 78, 36, 34, 52];
  const most = 80000;
  const x = (perMinute) => left + (perMinute / most) * (width - left - right);
  const y = (perMinute) => height - bottom - (perMinute / most) * (height - top - bottom);
  const asked = Array.from({ length: 81 }, (_, i) => i * 1000);
  const line = (seconds, color) =>
    `<polyline fill="none" stroke="${color}" stroke-width="2.5" points="${asked.map((a) => `${x(a).toFixed(1)},${y(model(a, seconds).served * 60).toFixed(1)}`).join(" ")}"/>`;
  const label = (at, text, color = "#444", anchor = "end") => `<text x="${at[0]}" y="${at[1]}" fill="${color}" text-anchor="${anchor}">${text}</text>`;
  const ticks = [0, 20000, 40000, 60000, 80000];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="13">`,
    `<rect width="${width}" height="${height}" fill="white"/>`,
    ...ticks.map((t) => `<path d="M${x(t)} ${top}V${height - bottom}M${left} ${y(t)}H${width - right}" stroke="#ddd"/>`),
    ...ticks.map((t) => label([x(t), height - bottom + 18], t.toLocaleString("en"), "#444", "middle")),
    ...ticks.map((t) => label([left - 6, y(t) + 4], t.toLocaleString("en"))),
    `<path d="M${x(0)} ${y(0)}L${x(most)} ${y(most)}" stroke="#999" stroke-dasharray="5 4"/>`,
    line(0.1, "#c2571a"),
    line(0.025, "#1f6fb2"),
    label([width - right - 6, y(model(most, 0.025).served * 60) - 8], "transactions of 25 ms: the partition is full", "#1f6fb2"),
    label([width - right - 6, y(model(most, 0.1).served * 60) - 8], "transactions of 100 ms: the license's writer is busy", "#c2571a"),
    label([width / 2, 20], "People enrolled in one license, served against asked, a minute", "#222", "middle"),
    label([(left + width - right) / 2, height - 12], "asked", "#444", "middle"),
    "</svg>",
    "",
  ].join("\n");
}

fs.writeFileSync(path.join(__dirname, "load-model.svg"), plot());
console.log(table());
