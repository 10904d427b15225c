/** 「替我做」: the same phone actions that a person would do; each use checks first what is done already. */

import { act, type Scene } from "./api";
import { codeOf } from "./people";
import { samplePhoto } from "./samples";
import type { Heard, Role, Told } from "./told";

const CHECKED_IN = /签到成功|您已签到/;
const CAST = /已计入|已投过票/;
// A ballot that is not all alike, so that the result has something to show.
const CHOICES: Record<string, string[]> = {
  党员代表: ["好", "好", "较好", "好", "较好", "一般", "好", "较好"],
  群众代表: ["好", "较好", "好", "好", "一般", "较好", "较好", "好"],
  主持人: ["好", "较好", "较好", "好", "好", "较好", "一般", "好"],
};
const PAUSE_MS = matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 150;

export class Doer {
  constructor(
    private readonly told: Told,
    private readonly scene: () => Scene | undefined,
  ) {}

  /** Whether this person is in the meeting. */
  isIn(role: Role): boolean {
    return this.told.said(role, CHECKED_IN);
  }

  /** Whether this person's ballot is in. */
  hasCast(role: Role): boolean {
    return this.told.said(role, CAST);
  }

  /** Scan the code of the meeting. */
  scan(role: Role): Promise<Heard> {
    const scene = this.scene();
    if (!scene) throw new Error("没有登记会场签到码");
    return this.do(role, "scan", { scene: scene.scene });
  }

  /** Send a text. */
  say(role: Role, content: string): Promise<Heard> {
    return this.do(role, "text", { content });
  }

  /** Tap a choice of the message just heard, or send the word where it has none. */
  tap(role: Role, heard: Heard, content: string): Promise<Heard> {
    const link = heard.links.find((one) => one.content === content);
    return this.do(role, "text", link ? { content, menu_id: link.menu_id ?? "0" } : { content });
  }

  /** Scan, tell name and code, until checked in. */
  async enter(role: Role): Promise<void> {
    const person = this.told.person(role)!;
    let heard = this.told.last(role);
    for (let turn = 0; turn < 5 && !this.isIn(role) && !CHECKED_IN.test(heard.text); turn++) {
      if (heard.text.includes("请回复您的姓名")) heard = await this.say(role, person.name);
      else if (heard.text.includes("请回复您的绑定码")) heard = await this.say(role, codeOf(person));
      else heard = await this.scan(role);
    }
  }

  /** Follow without a code of a meeting; tell name and code. */
  async bind(role: Role): Promise<void> {
    const person = this.told.person(role)!;
    if (!person.followed) await this.do(role, "follow", {});
    await this.say(role, "绑定");
    await this.say(role, person.name);
    await this.say(role, codeOf(person));
  }

  /** Send so many different photos at once, as a phone does with several that were chosen. */
  async photos(role: Role, count: number): Promise<void> {
    const all = Array.from({ length: count }, (_, number) => samplePhoto(number));
    await Promise.all(all.map((data) => this.do(role, "image", { data, content_type: "image/jpeg" })));
  }

  /** Ask for the ballot, going to the first question. */
  async ask(role: Role): Promise<Heard> {
    await this.enter(role);
    return this.say(role, "投票");
  }

  /** Answer all questions that are left, up to the check of the whole ballot. */
  async answer(role: Role): Promise<Heard> {
    let heard = this.told.last(role);
    if (!/第 \d+\/\d+ 题|您的选票/.test(heard.text)) heard = await this.ask(role);
    for (let turn = 0; turn < 30; turn++) {
      const number = /第 (\d+)\/\d+ 题/.exec(heard.text)?.[1];
      if (!number) break;
      const choices = CHOICES[role] ?? ["好"];
      heard = await this.tap(role, heard, choices[(Number(number) - 1) % choices.length]!);
    }
    return heard;
  }

  /** From wherever this person is to a counted ballot. */
  async vote(role: Role): Promise<void> {
    if (this.hasCast(role)) return;
    const heard = await this.answer(role);
    if (heard.text.includes("您的选票")) await this.tap(role, heard, "确认");
  }

  /** The host looks at the meeting; of several, at the first, which is the one under way. */
  async look(): Promise<Heard> {
    await this.enter("主持人");
    const heard = await this.say("主持人", "主持");
    const first = heard.links[0];
    return heard.text.includes("看哪一个") && first ? this.tap("主持人", heard, first.content ?? "") : heard;
  }

  /** The host opens voting, unless it is open. */
  async open(): Promise<void> {
    const board = await this.look();
    if (board.text.includes("还没有开始投票")) await this.command("开始投票");
  }

  /** The host says a word and confirms it where that is asked. */
  async command(word: string): Promise<Heard> {
    await this.enter("主持人");
    const heard = await this.say("主持人", word);
    const asks = heard.links.some((link) => link.content === "确认");
    return asks ? this.tap("主持人", heard, "确认") : heard;
  }

  /** Confirm what the host has just been asked; without that question on the phone, say its word first. */
  confirm(word: string, question: RegExp): Promise<Heard> {
    const heard = this.told.last("主持人");
    return question.test(heard.text) ? this.tap("主持人", heard, "确认") : this.command(word);
  }

  private async do(role: Role, action: string, args: Record<string, unknown>): Promise<Heard> {
    const { saw } = await act(this.told.person(role)!.id, action, args);
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    return saw.kind === "reply" ? saw : { text: "", links: [] };
  }
}
