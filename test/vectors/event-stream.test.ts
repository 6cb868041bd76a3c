import { testSuite } from "./case.js";
import * as suite from "./event-stream.js";

testSuite(suite);
