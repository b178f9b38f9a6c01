// validate.js SCHEMA DOCUMENT...: status 1 and one line a fault. SCHEMA: "sarif", or a file of JSON Schema.
"use strict";

const fs = require("fs");
const path = require("path");
const modules = process.env.NODE_PATH;
const load = (name) => require(path.join(modules, name));

function validator(name) {
  const draft4 = name === "sarif";
  const file = draft4
    ? path.join(modules, "@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json")
    : name;
  const Ajv = load(draft4 ? "ajv-draft-04" : "ajv/dist/2020").default || load("ajv-draft-04");
  const ajv = new Ajv({ allErrors: true, strict: false, unicodeRegExp: !draft4 });
  (load("ajv-formats").default || load("ajv-formats"))(ajv);
  return ajv.compile(JSON.parse(fs.readFileSync(file, "utf8")));
}

const [schema, ...documents] = process.argv.slice(2);
const validate = validator(schema);
let faults = 0;
for (const document of documents) {
  if (!validate(JSON.parse(fs.readFileSync(document, "utf8")))) {
    for (const e of validate.errors) {
      console.log(`${document}: ${e.instancePath}: ${e.message}`);
      faults++;
    }
  }
}
process.exit(faults > 0 ? 1 : 0);
