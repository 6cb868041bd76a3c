/** Who may do what with a new bucket or object. */

/** Roles by entity: `allUsers`, `user-a@example.com`. */
export type AclRoles = Map<string, string>;

const PROJECT_NUMBER = "123456789012";

/** https://cloud.google.com/storage/docs/access-control/lists#predefined-acl */
const PREDEFINED: Readonly<Record<string, readonly (readonly [entity: string, role: string])[]>> = {
  publicRead: [["allUsers", "READER"]],
  publicReadWrite: [["allUsers", "WRITER"]],
  authenticatedRead: [["allAuthenticatedUsers", "READER"]],
  projectPrivate: [[`project-viewers-${PROJECT_NUMBER}`, "READER"]],
};

/** The list that a new bucket or object starts with. */
export function initialRoles(predefined: string | undefined, base?: AclRoles): AclRoles {
  const roles: AclRoles = new Map(base ?? [[`project-owners-${PROJECT_NUMBER}`, "OWNER"]]);
  const listed =
    predefined !== undefined && Object.hasOwn(PREDEFINED, predefined) ? PREDEFINED[predefined] : [];
  for (const [entity, role] of listed ?? []) roles.set(entity, role);
  return roles;
}
