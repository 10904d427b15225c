/** The guide: four cards that walk a newcomer through voting, hosting, closing, and a record of a branch's year. */

import type { Entry, Person, Scene } from "./api";
import { toast } from "./dialogs";
import { Doer } from "./doer";
import { button, h } from "./dom";
import { avatar } from "./people";
import { RECORDING } from "./recording";
import { MEETING, type Card, type Stage, type Step } from "./script";
import { Told, type Role } from "./told";

const CARDS: Card[] = [...MEETING, RECORDING];
const KEY = "zhiping-guide";
const ROLES: Role[] = ["党员代表", "主持人", "群众代表", "领导", "支部书记"];

/** What survives a reload; what is done is seen from the messages. `scene` names the meeting it belongs to, `left` the last card that the guide went on from. */
interface Kept {
  scene: string;
  card: number;
  left: number;
  dismissed: boolean;
  screen: boolean;
}

export class Guide {
  readonly element = h("aside", { className: "guide", hidden: true, ariaLabel: "引导" });
  private readonly told = new Told();
  private readonly stage: Stage;
  private kept: Kept = { scene: "", card: 0, left: -1, dismissed: false, screen: false };
  private scene: Scene | undefined;
  private busy = false;
  private shownFor = "";
  private drawn = "";

  constructor(
    private readonly showPhone: (id: string) => void,
    showScreen: () => void,
  ) {
    const doer = new Doer(this.told, () => this.scene);
    this.stage = { told: this.told, doer, hasSeenScreen: false, showScreen };
  }

  /** The codes that are registered; another meeting starts the guide anew. */
  setScenes(scenes: Scene[]): void {
    this.scene = scenes.filter((scene) => scene.name.startsWith("会场签到码")).at(-1);
    const kept = JSON.parse(sessionStorage.getItem(KEY) ?? "null") as Kept | null;
    const scene = this.scene?.scene ?? "";
    this.kept = kept?.scene === scene ? kept : { scene, card: 0, left: -1, dismissed: false, screen: false };
    this.stage.hasSeenScreen = this.kept.screen;
    this.draw();
  }

  /** Know a person. */
  meet(person: Person): void {
    this.told.meet(person);
    this.draw();
  }

  /** Take in a line of somebody's chat, and move on where it ends a step. */
  heard(phone: string, entry: Entry): void {
    this.told.add(phone, entry);
    this.draw();
  }

  /** The big screen was opened. */
  screenSeen(): void {
    this.keep({ screen: true });
  }

  /** Show or hide. */
  toggle(): void {
    this.keep({ dismissed: !this.kept.dismissed });
  }

  /** The phones that the guide speaks of. */
  phones(): string[] {
    return ROLES.flatMap((role) => this.told.person(role)?.id ?? []);
  }

  private keep(change: Partial<Kept>): void {
    this.kept = { ...this.kept, ...change };
    this.stage.hasSeenScreen = this.kept.screen;
    sessionStorage.setItem(KEY, JSON.stringify(this.kept));
    this.draw();
  }

  private marks(card: Card): boolean[] {
    return card.steps.map((step) => step.isDone(this.stage));
  }

  private isComplete(card: Card): boolean {
    return this.marks(card).every(Boolean);
  }

  private draw(): void {
    this.element.hidden = this.kept.dismissed || !this.scene || this.phones().length < ROLES.length;
    if (this.element.hidden) return;
    const open = CARDS[this.kept.card];
    if (open && this.isComplete(open) && this.mayGoOn()) return this.keep({ card: this.kept.card + 1, left: this.kept.card });
    // What looks the same is left alone: a click must not lose its button to a message that arrives.
    const state = JSON.stringify([this.kept, this.busy, ROLES.map((role) => this.told.person(role)), CARDS.map((card) => this.marks(card))]);
    if (state === this.drawn) return;
    this.drawn = state;
    const hide = button("✕", "close", () => this.toggle(), "收起引导");
    const head = h("header", {}, h("h2", {}, "跟着走一遍"), hide);
    this.element.replaceChildren(head, ...CARDS.map((card, number) => this.card(card, number)));
    this.followStep(open);
  }

  /** From each card once: who opens one that is complete wants to read it. */
  private mayGoOn(): boolean {
    return this.kept.card < CARDS.length - 1 && this.kept.card > this.kept.left && !this.busy;
  }

  /** Bring the phone of the current step to the front, once. */
  private followStep(card: Card | undefined): void {
    const step = card?.steps.find((one) => !one.isDone(this.stage));
    const person = step && this.told.person(step.role);
    if (!step || !person || this.shownFor === step.title) return;
    this.shownFor = step.title;
    this.showPhone(person.id);
  }

  private card(card: Card, number: number): HTMLElement {
    const isOpen = number === this.kept.card;
    const done = this.marks(card).filter(Boolean).length;
    const isComplete = done === card.steps.length;
    const title = button("", "card-title", () => this.keep({ card: isOpen ? -1 : number }), card.title);
    title.ariaExpanded = String(isOpen);
    title.append(h("i", { ariaHidden: "true" }, isComplete ? "✓" : String(number + 1)), h("b", {}, card.title), h("small", {}, `${done}/${card.steps.length}`));
    const element = h("section", { className: `guide-card${isOpen ? " open" : ""}${isComplete ? " complete" : ""}` }, title);
    if (isOpen) element.append(h("p", {}, isComplete ? card.end : card.lead), this.steps(card));
    return element;
  }

  private steps(card: Card): HTMLElement {
    const current = this.marks(card).indexOf(false);
    return h("ol", { className: "steps" }, ...card.steps.map((step, place) => this.step(step, place === current)));
  }

  private step(step: Step, isCurrent: boolean): HTMLElement {
    const isDone = step.isDone(this.stage);
    const item = h("li", { className: isCurrent ? "current" : isDone ? "done" : "later" }, h("b", {}, isDone ? `✓ ${step.title}` : step.title));
    const person = this.told.person(step.role);
    if (!isCurrent || !person) return item;
    item.ariaCurrent = "step";
    const where = button("", "where", () => this.showPhone(person.id), `看${person.name}的手机`);
    where.append(avatar(person), `${person.name}（${step.role}）的手机`);
    const help = button(this.busy ? "正在做……" : "替我做", "weui-btn weui-btn_primary weui-btn_mini help", () => void this.help(step));
    help.disabled = this.busy;
    help.ariaLabel = `${help.textContent}：${step.title}`;
    item.append(where, h("p", {}, step.say(person)), help);
    return item;
  }

  private async help(step: Step): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    this.draw();
    try {
      await step.help(this.stage);
    } catch (error) {
      toast(error instanceof Error ? error.message : String(error));
    }
    this.busy = false;
    this.draw();
    this.element.querySelector<HTMLElement>(".help")?.focus({ preventScroll: true });
  }
}
