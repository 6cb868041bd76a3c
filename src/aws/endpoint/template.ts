/** `https://{Region}.{partition#dnsSuffix}`: braces hold references, doubled braces are braces. */
type Part = string | { readonly reference: string };

const TEMPLATES_MAX = 2_000;
const parsed = new Map<string, readonly Part[]>();

export function fillTemplate(template: string, lookUp: (reference: string) => unknown): string {
  if (!template.includes("{") && !template.includes("}")) return template;
  let parts = parsed.get(template);
  if (parts === undefined) {
    parts = parse(template);
    if (parsed.size >= TEMPLATES_MAX) parsed.clear();
    parsed.set(template, parts);
  }
  return parts.map((part) => (typeof part === "string" ? part : String(lookUp(part.reference)))).join("");
}

function parse(template: string): Part[] {
  return [...template.matchAll(/\{\{|\}\}|\{([^{}]*)\}|[^{}]+|[{}]/g)].map(([text, reference]) => {
    if (reference !== undefined) return { reference };
    if (text === "{{" || text === "}}") return text.charAt(0);
    return text;
  });
}
