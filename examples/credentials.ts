// Which source of each cloud's chain gave the credentials, and why the others did not.
import { Session as Aws } from "trivet/aws";
import { Session as Azure } from "trivet/azure";
import { Session as Gcp } from "trivet/gcp";

const answered: string[] = [];
for (const session of [new Aws(), new Azure(), new Gcp()]) {
  for (const { source, outcome, detail } of await session.credentials.explain()) {
    console.log(`${source.padEnd(40)} ${outcome.padEnd(12)} ${detail}`);
    if (outcome === "answered") answered.push(source);
  }
}
if (answered.length !== 3) throw new Error(`Credentials came from ${answered.join(", ")}`);
console.log(answered.join(", "));
