// Azurite keeps one rollback list for all entity group transactions and takes it for granted that the steps of one
// run without another's in between (persistence/LokiTableMetadataStore.js). Each step is awaited, so that holds only
// while no two requests are handed on in the same turn of the event loop, which nothing in Azurite sees to. Here
// transactions and single calls take turns.
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
