import * as sas from "./azure-sas.js";
import { testSuite } from "./case.js";

testSuite(sas);
