/** Makes ready the servers of others that several test files start, once and before those run side by side. */
import { awsPython } from "./aws/python.js";
import { buildFakeGcsServer } from "./gcp/fake-gcs-server.js";

const { skip } = awsPython();
if (skip) console.log(skip);
const why = buildFakeGcsServer();
if (why !== undefined) console.log(why);
