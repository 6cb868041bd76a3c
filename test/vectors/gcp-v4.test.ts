import { testSuite } from "./case.js";
import * as gcpV4 from "./gcp-v4.js";

testSuite(gcpV4);
