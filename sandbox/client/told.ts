/** What the people of the guide have been told so far, by role; the guide sees from it which steps are done. */

import type { Entry, Link, Person } from "./api";
import { roleOf } from "./people";

export type Role = "党员代表" | "主持人" | "群众代表" | "领导" | "支部书记";

/** The last thing said to somebody. */
export interface Heard {
  text: string;
  links: Link[];
}

export class Told {
  private readonly people = new Map<string, Person>();
  private readonly entries = new Map<string, Entry[]>();

  /** Know a person, or their newer state; the first with a role keeps it. */
  meet(person: Person): void {
    const known = this.people.get(roleOf(person));
    if (!known || known.id === person.id) this.people.set(roleOf(person), person);
  }

  /** Take in a line of somebody's chat. */
  add(phone: string, entry: Entry): void {
    const lines = this.entries.get(phone) ?? [];
    if (entry.n > (lines.at(-1)?.n ?? 0)) this.entries.set(phone, [...lines, entry]);
  }

  /** Whose phone plays a role. */
  person(role: Role): Person | undefined {
    return this.people.get(role);
  }

  /** Whether anything the account said to this role fits. */
  said(role: Role, pattern: RegExp): boolean {
    return this.lines(role).some((entry) => pattern.test(entry.text));
  }

  /** Whether anything came to this role unasked. */
  wasPushed(role: Role): boolean {
    return this.lines(role).some((entry) => ["custom", "template", "subscribe"].includes(entry.via));
  }

  /** The newest message of the account to this role. */
  last(role: Role): Heard {
    return this.lines(role).at(-1) ?? { text: "", links: [] };
  }

  private lines(role: Role): Entry[] {
    const lines = this.entries.get(this.person(role)?.id ?? "") ?? [];
    return lines.filter((entry) => entry.sender === "account");
  }
}
