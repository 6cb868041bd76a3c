import * as awsConfig from "./aws-config.js";
import { testSuite } from "./case.js";

testSuite(awsConfig);
