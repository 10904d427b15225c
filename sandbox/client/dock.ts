/** The row of people at the top: whose phone is on the table, whose is in front, and how much each has not read. */

import type { Person } from "./api";
import { button, h } from "./dom";
import { avatar, roleOf } from "./people";

const SPARE = 10;

export class Dock {
  readonly element = h("nav", { className: "dock", ariaLabel: "手机" });
  private readonly unread = new Map<string, number>();

  constructor(private readonly chosen: (id: string) => void) {}

  /** One more message that nobody has looked at. */
  count(id: string): void {
    this.unread.set(id, (this.unread.get(id) ?? 0) + 1);
  }

  /** Somebody looks at this phone. */
  read(id: string): void {
    this.unread.delete(id);
  }

  /** Draw anew: phones on the table, and the first few others. */
  draw(people: Person[], onTable: Set<string>, front: string): void {
    const shown = people.filter((person, place) => onTable.has(person.id) || place < SPARE);
    this.element.replaceChildren(...shown.map((person) => this.entry(person, onTable.has(person.id), person.id === front)));
    const total = [...this.unread.values()].reduce((sum, count) => sum + count, 0);
    document.title = `${total ? `(${total}) ` : ""}支评：把一年的考核搬上手机`;
  }

  private entry(person: Person, isOnTable: boolean, isFront: boolean): HTMLElement {
    const count = this.unread.get(person.id) ?? 0;
    const label = [person.name, roleOf(person), count ? `${count} 条未读` : ""].filter(Boolean).join("，");
    const className = `dock-person${isOnTable ? " on-table" : ""}${isFront ? " front" : ""}`;
    const element = button("", className, () => this.chosen(person.id), label);
    element.ariaPressed = String(isFront);
    element.append(avatar(person), h("span", {}, h("b", {}, person.name), h("small", {}, roleOf(person))));
    if (count) element.append(h("i", { className: "badge" }, String(count)));
    return element;
  }
}
