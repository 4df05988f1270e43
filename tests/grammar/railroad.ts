// Draws the parser's rules as railroad diagrams: one SVG that needs nothing else. railroad_test.ts
// writes grammar/railroad.svg with it.
import type { ISerializedGast } from "chevrotain";
import { getParser } from "../../grammar/parser.ts";
import { PARSED_TOKENS } from "../../grammar/tokens.ts";

/** A production as chevrotain serializes it, with the fields that are drawn. */
type Production = ISerializedGast & { name?: string; definition?: Production[] };

/** A part of a diagram: entered at its left end, left at its right end, both at the same height. */
interface Part {
  readonly width: number;
  /** How far it reaches above and below the line that it stands on. */
  readonly up: number;
  readonly down: number;
  /** SVG elements with the left end at x and y. */
  draw(x: number, y: number): string[];
}

const BOX = 24; // height of a box
const CHARACTER = 8; // width of one, in the font below
const GAP = 12; // between parts of a line
const ROW = 12; // between lines
const BEND = 10; // radius
const SIDE = 2 * BEND; // what a fork needs on each side

const STYLE = [
  "text{font:13px ui-monospace,Menlo,Consolas,monospace;text-anchor:middle;fill:#111}",
  "path{fill:none;stroke:#555;stroke-width:1.5}",
  "rect.word{fill:#dcefd9;stroke:#555}",
  "rect.kind{fill:#f6ecd2;stroke:#555}",
  "rect.rule{fill:#dbe6f6;stroke:#555}",
  "text.title{font-weight:bold;text-anchor:start}",
].join("");

/** Tokens by name: a keyword or sign by how it is written, a kind of word by its name. */
const TOKENS = new Map(PARSED_TOKENS.map((token) => [token.name, token]));

/**
 * Draws all rules of the parser, one below the other.
 *
 * @returns the text of an SVG file
 */
export function drawRailroad(): string {
  const rules = getParser().getSerializedGastProductions() as unknown as Production[];
  const body: string[] = [];
  let [y, widest] = [20, 0];
  for (const rule of rules) {
    const name = rule.name ?? "";
    const part = sequence(rule.definition ?? []);
    const base = y + 24 + part.up;
    body.push(`<text class="title" id="${name}" x="20" y="${y + 4}">${name}</text>`);
    body.push(line({ x: 20, y: base - 6 }, "v12"), line({ x: 20, y: base }, "h12"));
    body.push(...part.draw(32, base));
    body.push(line({ x: 32 + part.width, y: base }, "h12m0-6v12m-4-12v12"));
    y = base + part.down + 30;
    widest = Math.max(widest, part.width + 64);
  }
  const size = `width="${widest}" height="${y}" viewBox="0 0 ${widest} ${y}"`;
  return [
    "<!-- Made from the parser by tests/grammar/railroad_test.ts; do not edit. -->",
    `<svg xmlns="http://www.w3.org/2000/svg" ${size}>`,
    "<title>The grammar of .pk files</title>",
    `<style>${STYLE}</style>`,
    `<rect width="${widest}" height="${y}" fill="#fff"/>`,
    ...body,
    "</svg>",
    "",
  ].join("\n");
}

function line({ x, y }: { readonly x: number; readonly y: number }, steps: string): string {
  return `<path d="M${x} ${y}${steps}"/>`;
}

function partOf(production: Production): Part {
  const parts = production.definition ?? [];
  switch (production.type) {
    case "Terminal": {
      const token = TOKENS.get(production.name ?? "");
      return token?.LABEL === undefined
        ? box(production.name ?? "", "kind")
        : box(token.LABEL, "word");
    }
    case "NonTerminal":
      return box(production.name ?? "", "rule");
    case "Alternation":
      return choice(parts.map(partOf));
    case "Option":
      return choice([sequence([]), sequence(parts)]);
    case "Repetition":
      return choice([sequence([]), loop(sequence(parts), sequence([]))]);
    default:
      return sequence(parts);
  }
}

/** A word, round; a kind of words or a rule, with corners; a rule leads to its own diagram. */
function box(text: string, kind: "word" | "kind" | "rule"): Part {
  const width = text.length * CHARACTER + 20;
  const round = kind === "word" ? ` rx="${BOX / 2}"` : "";
  const draw = (x: number, y: number) => {
    const size = `x="${x}" y="${y - BOX / 2}" width="${width}" height="${BOX}"`;
    const shape = `<rect class="${kind}" ${size}${round}/>` +
      `<text x="${x + width / 2}" y="${y + 4}">${text}</text>`;
    return [kind === "rule" ? `<a href="#${text}">${shape}</a>` : shape];
  };
  return { width, up: BOX / 2, down: BOX / 2, draw };
}

/** Parts one behind the other; `item { "," item }` becomes one loop. */
function sequence(productions: readonly Production[]): Part {
  const parts: Part[] = [];
  for (let at = 0; at < productions.length; at++) {
    const production = productions[at]!;
    const separator = separatorOf(production, productions[at + 1]);
    if (separator === null) parts.push(partOf(production));
    else {
      parts.push(loop(partOf(production), partOf(separator)));
      at++;
    }
  }
  const width = parts.reduce((sum, part) => sum + part.width, 0) +
    Math.max(0, parts.length - 1) * GAP;
  const draw = (x: number, y: number) => {
    let left = x;
    return parts.flatMap((part, at) => {
      const joint = at === 0 ? [] : [line({ x: left, y }, `h${GAP}`)];
      if (at > 0) left += GAP;
      const drawn = part.draw(left, y);
      left += part.width;
      return [...joint, ...drawn];
    });
  };
  const reach = (side: "up" | "down") => Math.max(0, ...parts.map((part) => part[side]));
  return { width, up: reach("up"), down: reach("down"), draw };
}

/** What separates the items, if a repetition behind an item repeats that very item. */
function separatorOf(item: Production, next: Production | undefined): Production | null {
  const [separator, again, ...more] = next?.type === "Repetition" ? next.definition ?? [] : [];
  const same = item.type === "NonTerminal" && again?.type === "NonTerminal" &&
    item.name === again.name;
  return same && separator !== undefined && more.length === 0 ? separator : null;
}

/** Several ways, the first on the line and the others below it. */
function choice(ways: readonly Part[]): Part {
  const width = Math.max(...ways.map((way) => way.width));
  const depths: number[] = [];
  let depth = 0;
  for (const [at, way] of ways.entries()) {
    if (at > 0) depth += Math.max(way.up, BEND) + ROW;
    depths.push(depth);
    depth += Math.max(way.down, at === 0 ? BEND : 0);
  }
  const draw = (x: number, y: number) =>
    ways.flatMap((way, at) => {
      const down = depths[at] ?? 0;
      const [left, rest] = [x + SIDE, width - way.width];
      const end = `h${rest}`;
      const [enter, leave] = down === 0 ? [`h${SIDE}`, `${end}h${SIDE}`] : [
        `q${BEND} 0 ${BEND} ${BEND}v${down - SIDE}q0 ${BEND} ${BEND} ${BEND}`,
        `${end}q${BEND} 0 ${BEND}-${BEND}v-${down - SIDE}q0-${BEND} ${BEND}-${BEND}`,
      ];
      return [
        line({ x, y }, enter),
        ...way.draw(left, y + down),
        line({ x: left + way.width, y: y + down }, leave),
      ];
    });
  return { width: width + 2 * SIDE, up: ways[0]?.up ?? 0, down: depth, draw };
}

/** A part that may be gone through again, by a way back below it. */
function loop(part: Part, back: Part): Part {
  const width = Math.max(part.width, back.width);
  const down = part.down + ROW + Math.max(back.up, SIDE - part.down - ROW);
  const draw = (x: number, y: number) => {
    const [left, rest, room] = [x + SIDE, width - part.width, width - back.width];
    const bend = down - SIDE;
    return [
      line({ x, y }, `h${SIDE}`),
      ...part.draw(left, y),
      line({ x: left + part.width, y }, `h${rest}h${SIDE}`),
      line(
        { x: left + width, y },
        `q${BEND} 0 ${BEND} ${BEND}v${bend}q0 ${BEND}-${BEND} ${BEND}h-${room}`,
      ),
      ...back.draw(left, y + down),
      line(
        { x: left, y: y + down },
        `q-${BEND} 0-${BEND}-${BEND}v-${bend}q0-${BEND} ${BEND}-${BEND}`,
      ),
    ];
  };
  return { width: width + 2 * SIDE, up: part.up, down: down + Math.max(back.down, 0), draw };
}
