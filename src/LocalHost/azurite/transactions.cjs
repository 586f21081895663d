// Azurite keeps one rollback list for all entity group transactions and assumes that their steps never interleave
// (persistence/LokiTableMetadataStore.js). But every step is awaited, so two requests that start in the same turn of the
// event loop do interleave. This makes transactions and single calls take turns.
"use strict";

const { AsyncLocalStorage } = require("async_hooks");
const Transaction = require("azurite/dist/src/table/batch/TableBatchOrchestrator").default.prototype;
const Store = require("azurite/dist/src/table/persistence/LokiTableMetadataStore").default.prototype;

const turn = new AsyncLocalStorage();
let last = Promise.resolve();

function takeTurns(type, method) {
  const original = type[method];
  type[method] = function (...args) {
    const call = () => original.apply(this, args);
    if (turn.getStore()) {
      return call();
    }

    const result = last.then(() => turn.run(true, call));
    last = result.catch(() => {});
    return result;
  };
}

takeTurns(Transaction, "submitRequestsToHandlers");
for (const method of [
  "createTable",
  "deleteTable",
  "insertTableEntity",
  "insertOrUpdateTableEntity",
  "insertOrMergeTableEntity",
  "deleteTableEntity",
  "queryTableEntities",
  "queryTableEntitiesWithPartitionAndRowKey",
]) {
  takeTurns(Store, method);
}
