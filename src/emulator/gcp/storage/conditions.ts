/** Preconditions of requests. https://cloud.google.com/storage/docs/request-preconditions */
import { EmulatorError } from "../../service.js";

export interface Conditions {
  readonly ifGenerationMatch?: string | undefined;
  readonly ifGenerationNotMatch?: string | undefined;
  readonly ifMetagenerationMatch?: string | undefined;
  readonly ifMetagenerationNotMatch?: string | undefined;
}

interface Versioned {
  readonly generation?: string;
  readonly metageneration: number;
}

/** Generation 0 stands for an object that is not there. A read whose negative condition fails answers 304. */
export function checkConditions(found: Versioned | undefined, conditions: Conditions, isRead = false): void {
  const generation = found?.generation ?? "0";
  const metageneration = String(found?.metageneration ?? 0);
  const { ifGenerationMatch, ifGenerationNotMatch, ifMetagenerationMatch, ifMetagenerationNotMatch } =
    conditions;
  if (ifGenerationMatch !== undefined && ifGenerationMatch !== generation)
    throw conditionNotMet("ifGenerationMatch");
  if (ifMetagenerationMatch !== undefined && ifMetagenerationMatch !== metageneration) {
    throw conditionNotMet("ifMetagenerationMatch");
  }
  const unchanged = ifGenerationNotMatch === generation || ifMetagenerationNotMatch === metageneration;
  if (!unchanged) return;
  if (isRead) throw new EmulatorError("notModified", "Not Modified", 304);
  throw conditionNotMet("ifGenerationNotMatch");
}

/** The conditions on the other object of a copy, named with a prefix. */
export function sourceConditions(input: Readonly<Record<string, unknown>>): Conditions {
  const at = (name: string) => input[`ifSource${name}`] as string | undefined;
  return {
    ifGenerationMatch: at("GenerationMatch"),
    ifGenerationNotMatch: at("GenerationNotMatch"),
    ifMetagenerationMatch: at("MetagenerationMatch"),
    ifMetagenerationNotMatch: at("MetagenerationNotMatch"),
  };
}

function conditionNotMet(location: string): EmulatorError {
  const message = "At least one of the pre-conditions you specified did not hold.";
  return new EmulatorError("conditionNotMet", message, 412, {
    errors: [{ message, domain: "global", reason: "conditionNotMet", locationType: "header", location }],
  });
}
