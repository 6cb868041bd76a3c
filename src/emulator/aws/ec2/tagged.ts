/** What every resource of EC2 has. */
export interface Tagged {
  readonly id: string;
  readonly tags: Map<string, string>;
}
