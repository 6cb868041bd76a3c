import { testSuite } from "./case.js";
import * as gcpRetry from "./gcp-retry.js";

testSuite(gcpRetry);
