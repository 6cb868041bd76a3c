/** SSO's portal: accounts, roles and their keys for who has a token. */
import { SSO } from "../../../gen/aws/sso.js";
import { awsRestJsonServer } from "../../../protocol/aws-rest-json.js";
import {
  type Context,
  type EmulatedService,
  EmulatorError,
  eraseHandlers,
  type Handlers,
} from "../../service.js";
import { iamStore, newId } from "../iam/store.js";
import { ROOT_ACCOUNT } from "../identity.js";
import { ssoStore } from "./store.js";

const ACCOUNTS = [{ accountId: ROOT_ACCOUNT, accountName: "emulator", emailAddress: "root@example.com" }];
const ROLES = ["AdministratorAccess", "ReadOnlyAccess"];
const DURATION_SECONDS = 3600;

const handlers: Handlers<SSO> = {
  listAccounts(input, context) {
    checkToken(input.accessToken, context);
    return { accountList: ACCOUNTS };
  },

  listAccountRoles(input, context) {
    checkToken(input.accessToken, context);
    const { accountId } = input;
    return { roleList: ROLES.map((roleName) => ({ roleName, accountId })) };
  },

  getRoleCredentials(input, context) {
    checkToken(input.accessToken, context);
    const { accountId, roleName } = input;
    if (!/^\d{12}$/.test(accountId)) {
      throw new EmulatorError("ForbiddenException", "No access", 403);
    }
    const session = "sso-user@example.com";
    const role = `AWSReservedSSO_${roleName}_0123456789abcdef`;
    const owner = {
      account: accountId,
      arn: `arn:aws:sts::${accountId}:assumed-role/${role}/${session}`,
      userId: `${newId("AROA")}:${session}`,
      session: { of: { kind: "role" as const, name: role } },
    };
    const key = context.store(iamStore).issueSession(owner, DURATION_SECONDS);
    return {
      roleCredentials: {
        accessKeyId: key.id,
        secretAccessKey: key.secret,
        sessionToken: key.sessionToken,
        expiration: key.expiration.getTime(),
      },
    };
  },

  logout(input, context) {
    checkToken(input.accessToken, context);
    context.store(ssoStore).accessTokens.delete(input.accessToken);
    return {};
  },
};

function checkToken(token: string, context: Context): void {
  if (!context.verify) return;
  const expiresAt = context.store(ssoStore).accessTokens.get(token);
  if (expiresAt !== undefined && expiresAt > context.clock.now()) return;
  throw new EmulatorError("UnauthorizedException", "Session token not found or invalid", 401);
}

export const portalService: EmulatedService = {
  cloud: "aws",
  id: "sso",
  model: SSO.serviceModel,
  protocol: awsRestJsonServer,
  handlers: eraseHandlers<SSO>(handlers),
};
