/** Colours that remain apart for the colour-blind, strongest contrast to white first. Okabe & Ito 2008. */
const palette = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#56b4e9', '#e69f00', '#000000'];
export const ink = '#222222';
export const faint = '#e3e3e3';
const font = 'font-family="Helvetica, Arial, sans-serif"';
/** Of a character, at most, by font size: SVG cannot measure text. */
const characterWidth = 0.6;

/** What a picture shows. */
export interface Drawing {
  readonly title: string;
  readonly width: number;
  readonly height: number;
  readonly content: string;
}

/** Drawings one below the other. */
export function stacked(drawings: readonly Drawing[]): Drawing {
  let height = 0;
  const content = drawings.map(drawing => {
    const group = `<g transform="translate(0 ${height})">\n${drawing.content}\n</g>`;
    height += drawing.height;
    return group;
  });
  return {
    title: drawings.map(({ title }) => title).join(', '),
    width: Math.max(1, ...drawings.map(({ width }) => width)),
    height: Math.max(1, height),
    content: content.join('\n'),
  };
}

/** A whole picture, white behind its content. */
export function picture({ title, width, height, content }: Drawing): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" ${font}>
<title>${escapeXml(title)}</title>
<rect width="100%" height="100%" fill="white"/>
${content}
</svg>
`;
}

export function colour(index: number): string {
  return palette[index % palette.length]!;
}

export function line(x1: number, y1: number, x2: number, y2: number, colour: string): string {
  return `<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" stroke="${colour}"/>`;
}

export function text(
  x: number,
  y: number,
  content: string,
  { size = 12, anchor = 'start', bold = false } = {},
): string {
  const weight = bold ? ' font-weight="bold"' : '';
  return `<text x="${round(x)}" y="${round(y)}" font-size="${size}" fill="${ink}" text-anchor="${anchor}"${weight}>${escapeXml(content)}</text>`;
}

/** As much of a text as there is room for. */
export function fit(content: string, size: number, room: number): string {
  const characters = [...content];
  const most = Math.floor(room / (size * characterWidth));
  return characters.length <= most ? content : `${characters.slice(0, most - 1).join('')}…`;
}

export function textWidth(content: string, size: number): number {
  return [...content].length * size * characterWidth;
}

export function round(value: number): number {
  return Math.round(value * 100) / 100;
}

/** Text as XML may hold it: markup escaped, control characters, which XML forbids, left out. */
function escapeXml(content: string): string {
  return content
    .replace(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, '')
    .replace(/[&<>"']/g, character => `&#${character.charCodeAt(0)};`);
}
