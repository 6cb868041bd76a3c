/** Records of traffic mirrors: what is watched, what of it, and where the copies go. */
import type {
  CreateTrafficMirrorFilterRuleRequest,
  CreateTrafficMirrorSessionRequest,
  CreateTrafficMirrorTargetRequest,
} from "../../../gen/aws/ec2.js";
import type { Received } from "../../service.js";
import type { Tagged } from "./tagged.js";

type Given<T> = Omit<Received<T>, "TagSpecifications" | "DryRun" | "ClientToken">;

export interface MirrorFilter extends Tagged {
  readonly description: string | undefined;
  readonly services: Set<string>;
}

export interface MirrorRule extends Tagged {
  given: Given<CreateTrafficMirrorFilterRuleRequest>;
}

export interface MirrorTarget extends Tagged {
  readonly given: Given<CreateTrafficMirrorTargetRequest>;
}

export interface MirrorSession extends Tagged {
  given: Given<CreateTrafficMirrorSessionRequest>;
}
