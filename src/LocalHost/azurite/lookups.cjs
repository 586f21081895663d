// Azurite finds an entity by its row key first, and then goes through all that have it. A directory row's key is its
// platform's, which all of them share: at 40,000 users one look-up takes 30 ms, and an import of 100,000 runs into its
// client's timeouts. Here the key is taken first of which there are fewer.
"use strict";

const { Collection } = require("lokijs");

const keys = ["PartitionKey", "RowKey"];
const findOne = Collection.prototype.findOne;

Collection.prototype.findOne = function (query) {
  const isByKey =
    query !== undefined && Object.keys(query).length === keys.length && keys.every((key) => key in query && this.binaryIndices[key]);
  if (!isByKey) {
    return findOne.call(this, query);
  }

  const ranges = keys.map((key) => {
    this.ensureIndex(key);
    return { key, range: this.calculateRange("$eq", key, query[key]) };
  });
  const { key, range } = ranges.reduce((one, other) => (size(one.range) <= size(other.range) ? one : other));
  const places = this.binaryIndices[key].values;
  for (let i = range[0]; i <= range[1]; i++) {
    const entity = this.data[places[i]];
    if (keys.every((name) => entity[name] === query[name])) {
      return entity;
    }
  }

  return null;
};

function size([first, last]) {
  return last - first;
}
