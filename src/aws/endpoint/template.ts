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
  const parts: Part[] = [];
  for (let at = 0; at < template.length; ) {
    const brace = template.charAt(at);
    const end = brace === "{" ? template.indexOf("}", at) : -1;
    if ((brace === "{" || brace === "}") && template.charAt(at + 1) === brace) {
      parts.push(brace);
      at += 2;
    } else if (end !== -1 && !template.slice(at + 1, end).includes("{")) {
      parts.push({ reference: template.slice(at + 1, end) });
      at = end + 1;
    } else {
      const next = nextBrace(template, at + 1);
      parts.push(template.slice(at, next));
      at = next;
    }
  }
  return parts;
}

function nextBrace(template: string, from: number): number {
  const [open, close] = [template.indexOf("{", from), template.indexOf("}", from)];
  if (open === -1) return close === -1 ? template.length : close;
  return close === -1 ? open : Math.min(open, close);
}
