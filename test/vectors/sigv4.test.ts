import { testSuite } from "./case.js";
import * as sigv4 from "./sigv4.js";

testSuite(sigv4);
