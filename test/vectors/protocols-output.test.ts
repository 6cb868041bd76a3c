import { testSuite } from "./case.js";
import * as suite from "./protocols-output.js";

testSuite(suite);
