/** Who may do what with a bucket or object whose list is new. */
import { PROJECT_NUMBER } from "../identity.js";

/** Roles by entity: `allUsers`, `user-a@example.com`. */
export type AclRoles = Map<string, string>;

type Roles = readonly (readonly [entity: string, role: string])[];

/** The project's owners: they own its buckets. */
export const PROJECT_OWNERS = `project-owners-${PROJECT_NUMBER}`;
const DEFAULT = "projectPrivate";

/** What each adds to the owner's. https://cloud.google.com/storage/docs/access-control/lists#predefined-acl */
const PREDEFINED: Readonly<Record<string, Roles>> = {
  private: [],
  projectPrivate: [
    [PROJECT_OWNERS, "OWNER"],
    [`project-editors-${PROJECT_NUMBER}`, "OWNER"],
    [`project-viewers-${PROJECT_NUMBER}`, "READER"],
  ],
  publicRead: [["allUsers", "READER"]],
  publicReadWrite: [["allUsers", "WRITER"]],
  authenticatedRead: [["allAuthenticatedUsers", "READER"]],
  bucketOwnerRead: [[PROJECT_OWNERS, "READER"]],
  bucketOwnerFullControl: [[PROJECT_OWNERS, "OWNER"]],
};

/** The list that a bucket starts with. */
export function bucketRoles(predefined = DEFAULT): AclRoles {
  return new Map([[PROJECT_OWNERS, "OWNER"], ...predefinedRoles(predefined)]);
}

/** What new objects of a bucket get beside their owner. */
export function defaultObjectRoles(predefined = DEFAULT): AclRoles {
  return new Map(predefinedRoles(predefined));
}

/** The list of an object: its owner's entry cannot be taken away. */
export function objectRoles(owner: string, roles: Iterable<readonly [string, string]>): AclRoles {
  return new Map([...roles, [`user-${owner}`, "OWNER"] as const]);
}

export function predefinedRoles(predefined: string): Roles {
  return (Object.hasOwn(PREDEFINED, predefined) && PREDEFINED[predefined]) || [];
}

/** A list as a resource's member `acl` has it; undefined where it has none. */
export function statedRoles(acl: unknown): AclRoles | undefined {
  if (!Array.isArray(acl)) return undefined;
  return new Map(acl.map(({ entity, role }) => [String(entity), String(role)]));
}
