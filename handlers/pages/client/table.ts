/** A table of scores: names and numbers as text, and between them one bar chart whose bars stand in the rows. */

import { Bars } from "./chart";
import { el, list, mark, say } from "./dom";

export interface Line {
  label: string;
  /** Null: there is no score, and `text` says why. */
  value: number | null;
  text: string;
  /** Stands under the label where there is no room for cells. */
  below: string;
  cells: string[];
}

const LONG_NAME = 6;

export class ScoreTable {
  readonly element: HTMLElement;
  private readonly head = el("div.row.head");
  private readonly rows = el("div.rows");
  private readonly chart = el("div.bars");
  private readonly bars = new Bars(this.chart);

  constructor(readonly name: string) {
    this.element = el(`div.table.${name}`, this.head, this.rows, this.chart);
    this.chart.ariaHidden = "true";
  }

  /** `heads`: over name, score and each cell. */
  update(heads: string[], lines: Line[], top: number): void {
    this.element.style.setProperty("--rows", String(lines.length));
    list(this.head, heads, () => el("span"), (cell, text) => say(cell, text));
    [...this.head.children].forEach((cell, place) => put(cell, 1, place === 0 ? 1 : place + 2));
    list(this.rows, lines, makeRow, (row, line) => fillRow(row, line));
    [...this.rows.children].forEach((row, place) => [...row.children].forEach((cell, n) => put(cell, place + 2, n === 0 ? 1 : n + 2)));
    this.bars.draw(lines.map((line) => line.value), top);
  }
}

function put(cell: Element, row: number, column: number): void {
  const { style } = cell as HTMLElement;
  style.gridRow = String(row);
  style.gridColumn = String(column);
}

function makeRow(): HTMLElement {
  return el("div.row", el("span.name", el("b"), el("small")), el("span.score"));
}

function fillRow(row: HTMLElement, line: Line): void {
  const [name, score] = [row.children[0] as HTMLElement, row.children[1] as HTMLElement];
  const [label, below] = [name.children[0] as HTMLElement, name.children[1] as HTMLElement];
  say(label, line.label);
  mark(name, "long", line.label.length > LONG_NAME);
  say(below, line.below);
  say(score, line.text);
  mark(score, "none", line.value === null);
  while (row.children.length > line.cells.length + 2) row.lastElementChild?.remove();
  while (row.children.length < line.cells.length + 2) row.append(el("span.cell"));
  line.cells.forEach((text, place) => say(row.children[place + 2] as Element, text));
}
