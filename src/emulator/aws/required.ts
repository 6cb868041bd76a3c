/** How AWS refuses a request that lacks a member. */
import { EmulatorError } from "../service.js";

export { withRequired } from "../required.js";

/** How IAM and STS refuse a request that lacks a member. */
export function nullMember(path: string): EmulatorError {
  const name = path.charAt(0).toLowerCase() + path.slice(1);
  return new EmulatorError(
    "ValidationError",
    `1 validation error detected: Value null at '${name}' failed to satisfy constraint: Member must not be null`,
    400,
  );
}
