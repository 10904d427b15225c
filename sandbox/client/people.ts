/** How people look: a colour of their own, the first character of the name, the role that their note begins with. */

import type { Person } from "./api";
import { h } from "./dom";

const COLOURS = ["#3b7dd8", "#c8553d", "#2f9e6e", "#8e5bc7", "#c98a1b", "#4a6572", "#b8487f", "#2b8a9e"];

/** The role at the head of a note: 「主持人，绑定码 …」. */
export function roleOf(person: Person): string {
  return person.note.split(/[，,]/)[0] ?? "";
}

/** What the note says beside the role. */
export function detailOf(person: Person): string {
  return person.note.slice(roleOf(person).length + 1).trim();
}

/** The binding code in the note, or "". */
export function codeOf(person: Person): string {
  return /绑定码\s*(\S+)/.exec(person.note)?.[1] ?? "";
}

/** A small coloured square with the initial; the same colour for the same phone. */
export function avatar(person: Person): HTMLElement {
  const element = h("span", { className: "avatar", ariaHidden: "true" }, [...person.name][0] ?? "");
  element.style.background = COLOURS[(Number(person.id.slice(1)) - 1 || 0) % COLOURS.length]!;
  return element;
}
