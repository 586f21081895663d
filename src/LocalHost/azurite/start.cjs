// node start.cjs PORT [FOLDER]: runs Azurite's table service on 127.0.0.1 with its data in FOLDER or in memory. Port 0
// selects a free port. Prints its address when it is ready. Saves and exits when standard input closes, which also
// happens when the parent process dies.
"use strict";

require("./lookups.cjs");
require("./transactions.cjs");
const path = require("path");
const TableConfiguration = require("azurite/dist/src/table/TableConfiguration").default;
const TableServer = require("azurite/dist/src/table/TableServer").default;

// Ctrl-C in a terminal signals the whole process group, but requests in flight still need storage.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"]) {
  process.on(signal, () => {});
}

const [port, folder] = process.argv.slice(2);
const inMemory = folder === undefined;
const server = new TableServer(
  new TableConfiguration(
    "127.0.0.1",
    Number(port),
    undefined, // keep-alive timeout
    inMemory ? undefined : path.join(folder, "tables.json"),
    false, // debug log
    false, // access log
    undefined, // access log stream
    undefined, // debug log file
    false, // loose
    true, // skip the API version check: the storage client may be newer than Azurite
    undefined, // certificate
    undefined, // certificate key
    undefined, // certificate password
    undefined, // OAuth
    true, // the account is the first path segment
    inMemory,
  ),
);

server.start().then(
  () => {
    console.log(server.getHttpServerAddress());
    process.stdin.on("close", () => server.close().then(() => process.exit(0)));
    process.stdin.resume();
  },
  (error) => {
    console.error(error.message);
    process.exit(1);
  },
);
