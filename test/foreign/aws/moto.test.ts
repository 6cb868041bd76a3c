/** trivet's AWS clients against moto, whose authors never saw them: each wire protocol, pages, waiters, errors, transfers. */
import { after, test } from "node:test";
import { runMotoEc2Suite } from "./moto-ec2-suite.js";
import { runMotoS3Suite } from "./moto-s3-suite.js";
import { startMoto } from "./moto-server.js";
import { runMotoServicesSuite } from "./moto-services-suite.js";

const moto = await startMoto();

if (moto === undefined) {
  test("moto", (t) => t.skip("python3 absent: moto did not run"));
} else {
  after(() => moto.stop());
  runMotoS3Suite(moto.session());
  runMotoEc2Suite(moto.session());
  runMotoServicesSuite(moto.session());
}
