/** Parts of a page that a program writes: between `<!-- begin NAME -->` and `<!-- end NAME -->`. */

export function sectionOf(page: string, name: string): string {
  const { from, to } = boundsOf(page, name);
  return page.slice(from, to);
}

export function withSection(page: string, name: string, content: string): string {
  const { from, to } = boundsOf(page, name);
  return page.slice(0, from) + content + page.slice(to);
}

function boundsOf(page: string, name: string): { from: number; to: number } {
  const begin = `<!-- begin ${name} -->\n`;
  const start = page.indexOf(begin);
  const to = page.indexOf(`<!-- end ${name} -->`);
  if (start === -1 || to === -1)
    throw new Error(`Cannot find the section ${name}: the page has no marks for it`);
  return { from: start + begin.length, to };
}
