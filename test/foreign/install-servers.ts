/** Makes ready the servers of others that several test files start, once and before those run side by side. */
import { motoPython } from "./aws/moto-server.js";
import { buildFakeGcsServer } from "./gcp/fake-gcs-server.js";

if (motoPython() === undefined)
  console.log("python3 absent: what needs moto or Python's clients does not run");
const why = buildFakeGcsServer();
if (why !== undefined) console.log(why);
