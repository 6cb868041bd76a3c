import * as awsCredentials from "./aws-credentials.js";
import { testSuite } from "./case.js";

testSuite(awsCredentials);
