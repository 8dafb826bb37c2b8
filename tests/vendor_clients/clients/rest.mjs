// Makes calls with the vendor's JavaScript client, as it is: BASE KEY, the calls as JSON on standard input, answers on standard output.
import { restClient } from "@massive.com/client-js";
import { readFileSync } from "node:fs";

const [base, key] = process.argv.slice(2);
const once = restClient(key, base);
const paging = restClient(key, base, { pagination: true });
const results = [];
for (const { method, request, pages } of JSON.parse(readFileSync(0, "utf8"))) {
  try {
    results.push(await (request === null ? once[method]() : (pages ? paging : once)[method](request)));
  } catch (error) {
    results.push({ failed: String(error), status: error.response?.status, body: error.response?.data });
  }
}
console.log(JSON.stringify(results));
