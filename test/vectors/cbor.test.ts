import { testSuite } from "./case.js";
import * as suite from "./cbor.js";

testSuite(suite);
