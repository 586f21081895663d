// Reads {"tables": {name: {column: type}}, "queries": [text]} and prints, for each query, what Kusto's own parser says
// against those tables.
const fs = require('fs');
const path = require('path');
const vm = require('vm');

const folder = path.dirname(require.resolve('@kusto/language-service-next/package.json'));
for (const script of ['bridge.min.js', 'Kusto.Language.Bridge.min.js']) {
  vm.runInThisContext(fs.readFileSync(path.join(folder, script), 'utf8'), { filename: script });
}

const { GlobalState, KustoCode, Symbols } = globalThis.Kusto.Language;
const { tables, queries } = JSON.parse(fs.readFileSync(0, 'utf8'));
const members = Object.entries(tables).map(([name, columns]) => new Symbols.TableSymbol.$ctor7(
  name, `(${Object.entries(columns).map(([column, type]) => `${column}: ${type}`).join(', ')})`, null));
const workspace = new Symbols.DatabaseSymbol.ctor('workspace', members);
const globals = GlobalState.Default.WithDatabase(workspace);

console.log(JSON.stringify(queries.map((text) => {
  const diagnostics = KustoCode.ParseAndAnalyze(text, globals).GetDiagnostics();
  return Array.from({ length: diagnostics.Count }, (_, i) => diagnostics.getItem(i)).map(({ Message, Severity }) => `${Severity}: ${Message}`);
})));
