/** IAM in the emulator. Policies are stored, and enforced where the emulator is told to: else who has keys may do everything. */
import { IAM } from "../../../gen/aws/iam.js";
import { awsQueryServer } from "../../../protocol/aws-query.js";
import { type EmulatedService, eraseHandlers } from "../../service.js";
import { nullMember, withRequired } from "../required.js";
import { verifyQuery } from "../verify.js";
import { accessReportHandlers } from "./access-reports.js";
import { featureHandlers } from "./account-features.js";
import { authorizeIam } from "./authorization.js";
import { serverCertificateHandlers, userCredentialHandlers } from "./credentials.js";
import { inlineHandlers, policyHandlers } from "./policies.js";
import { mfaHandlers, providerHandlers } from "./providers.js";
import { reportHandlers } from "./reports.js";
import { accountHandlers, profileHandlers, roleHandlers } from "./roles.js";
import { simulationHandlers } from "./simulation.js";
import { groupHandlers, userHandlers } from "./users.js";

export const iamService: EmulatedService = {
  cloud: "aws",
  id: "iam",
  model: IAM.serviceModel,
  protocol: withRequired(awsQueryServer, nullMember),
  handlers: eraseHandlers<IAM>(
    userHandlers,
    groupHandlers,
    roleHandlers,
    profileHandlers,
    accountHandlers,
    policyHandlers,
    inlineHandlers,
    providerHandlers,
    mfaHandlers,
    serverCertificateHandlers,
    userCredentialHandlers,
    reportHandlers,
    simulationHandlers,
    accessReportHandlers,
    featureHandlers,
  ),
  verify: verifyQuery,
  authorize: authorizeIam,
  malformed: { code: "ValidationError", status: 400 },
  throttling: { code: "Throttling", message: "Rate exceeded", status: 400 },
};
