import * as sharedKey from "./azure-shared-key.js";
import { testSuite } from "./case.js";

testSuite(sharedKey);
