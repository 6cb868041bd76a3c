import { testSuite } from "./case.js";
import * as suite from "./protocols-input.js";

testSuite(suite);
