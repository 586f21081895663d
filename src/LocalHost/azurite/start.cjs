// node start.cjs PORT [FOLDER]: Azurite's table service on 127.0.0.1, its data in FOLDER or in memory. Port 0 takes a
// free one. Prints its address when it answers. It ends, and saves, when its standard input does: when the process
// that started it closes the pipe, or is gone, whichever way.
"use strict";

require("./lookups.cjs");
require("./transactions.cjs");
const path = require("path");
const TableConfiguration = require("azurite/dist/src/table/TableConfiguration").default;
const TableServer = require("azurite/dist/src/table/TableServer").default;

// A terminal's Ctrl-C reaches every process of the group, and the requests in flight still need their storage.
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
    undefined, // access log's stream
    undefined, // debug log's file
    false, // loose
    true, // any API version: the storage client may be newer than this Azurite
    undefined, // certificate
    undefined, // its key
    undefined, // its password
    undefined, // OAuth
    true, // the account is the path's first segment
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
