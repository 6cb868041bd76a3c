import { testSuite } from "./case.js";
import * as suite from "./timestamps.js";

testSuite(suite);
