/** Preconditions of requests. https://cloud.google.com/storage/docs/request-preconditions */
import type { Object as StorageObject } from "../../../gen/gcp/storage.js";
import { EmulatorError } from "../../service.js";
import type { Draft } from "./store.js";
import { xmlEtag } from "./xml-metadata.js";

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

/** HTTP's own conditions of a read. https://cloud.google.com/storage/docs/request-preconditions#http-headers */
export function checkHttpConditions(
  resource: Draft<Pick<StorageObject, "etag" | "md5Hash" | "updated">>,
  headers: Readonly<Record<string, string>>,
): void {
  const { "if-match": match, "if-none-match": noneMatch } = headers;
  const { "if-modified-since": modified, "if-unmodified-since": unmodified } = headers;
  // The headers count whole seconds.
  const changedAt = Math.floor(Date.parse(resource.updated ?? "") / 1000) * 1000;
  if (match !== undefined ? !isNamed(resource, match) : changedAt > Date.parse(unmodified ?? ""))
    throw conditionNotMet(match === undefined ? "If-Unmodified-Since" : "If-Match");
  if (noneMatch !== undefined ? isNamed(resource, noneMatch) : changedAt <= Date.parse(modified ?? ""))
    throw new EmulatorError("notModified", "Not Modified", 304);
}

/** By the etag of either API. Clients send the JSON API's without the quotes that HTTP wants. */
function isNamed(resource: Draft<Pick<StorageObject, "etag" | "md5Hash">>, list: string): boolean {
  const known = [resource.etag, xmlEtag(resource).slice(1, -1)];
  return list.split(",").some((each) => {
    const tag = each.trim();
    return tag === "*" || known.includes(tag.replace(/^"(.*)"$/, "$1"));
  });
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
