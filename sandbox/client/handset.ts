/** One phone on the table. */

import { act, call, type Entry, type Link, type Menu, type MenuButton, type Person, type Scene } from "./api";
import { Bar } from "./bar";
import { PhoneBrowser } from "./browser";
import { bubble, dots, timeLine } from "./bubbles";
import { confirmDialog, photoDialog, scanDialog, toast, voiceDialog } from "./dialogs";
import { button, h } from "./dom";
import { avatar, codeOf, detailOf, roleOf } from "./people";
import { readFile, samplePhoto } from "./samples";

// Quick answers show no dots, as on a real phone.
const DOTS_AFTER_MS = 250;
// A binding code is good for one time: once it has served it is shown no more.
const LATE_MS = 8000;
const CODE_USED = /绑定成功/;

/** What all phones share; read anew at every tap. */
export interface Table {
  account: string;
  menu: Menu | null;
  scenes: Scene[];
}

export class Handset {
  readonly element = h("section", { className: "phone" });
  private readonly chat = h("div", { className: "chat", role: "log", ariaLabel: "聊天记录", tabIndex: 0 });
  private readonly waiting = dots();
  private readonly browser = new PhoneBrowser();
  private readonly title = h("div", { className: "who" });
  private readonly clock = h("span");
  private readonly typingSign = h("small", { className: "typing" });
  private readonly bar: Bar;
  private last: Entry | undefined;
  private isBound = false;
  private underWay = 0;

  constructor(
    private person: Person,
    private readonly table: Table,
    closed: () => void,
  ) {
    this.bar = new Bar({
      follow: () => void this.do("follow"),
      unfollow: () => confirmDialog(`不再关注「${table.account}」？`, () => void this.do("unfollow")),
      text: (content) => void this.do("text", { content }),
      menu: (item) => this.tapMenu(item),
      scan: () => this.scan(),
      photo: () => photoDialog((photos, late) => void this.sendPhotos(photos, late)),
      voice: () => voiceDialog((recognition) => void this.do("voice", recognition ? { recognition } : {})),
      place: () => void this.do("location", { label: "示范学院会议中心" }),
    });
    const close = button("✕", "close", closed, `放下${person.name}的手机`);
    this.element.append(h("header", {}, this.title, close), h("div", { className: "device" }, ...this.screen()));
    this.chat.append(this.waiting);
    this.update(person);
    // Newest lines stay in sight when the log, the faults or another bar take room.
    new ResizeObserver(() => this.toEnd()).observe(this.chat);
    this.chat.addEventListener("load", () => this.toEnd(), true);
    this.chat.onclick = () => this.bar.close();
    void this.load();
  }

  /** Show another state of the person: name, note, following or not. */
  update(person: Person): void {
    this.person = person;
    this.element.dataset.phone = person.id;
    this.element.ariaLabel = `${person.name}的手机`;
    const role = roleOf(person);
    this.title.replaceChildren(avatar(person), h("b", {}, person.name), role ? h("span", { className: "role" }, role) : "", this.detail());
    this.drawBar();
  }

  /** Fetch the lines that are not there yet. */
  async load(): Promise<void> {
    const after = this.last?.n ?? 0;
    const answer = await call<{ messages: Entry[]; count: number }>("GET", `/phones/${this.person.id}/messages?after=${after}`);
    // Fewer lines than are shown: the simulator was started anew.
    if (answer.count < after) return location.reload();
    answer.messages.forEach((entry) => this.add(entry));
  }

  /** Show one more line, unless it is there already. */
  add(entry: Entry): void {
    if (entry.n <= (this.last?.n ?? 0)) return;
    const clock = timeLine(entry, this.last);
    if (clock) this.waiting.before(clock);
    this.waiting.before(bubble(entry, this.person, { link: (link) => this.tap(link) }));
    this.last = entry;
    if (entry.sender === "account" && !this.isBound && CODE_USED.test(entry.text)) this.bound();
    this.typing(false);
    if (entry.sender !== "me") this.waiting.hidden = true;
    this.toEnd();
  }

  /** Shake a little: a push has come. */
  ring(): void {
    this.element.classList.remove("rang");
    requestAnimationFrame(() => this.element.classList.add("rang"));
  }

  /** Show or hide that the account is typing. */
  typing(is: boolean): void {
    this.typingSign.textContent = is ? "对方正在输入…" : "";
  }

  /** Set the clock of the phone: the hour and minute of the platform. */
  tellTime(now: string): void {
    this.clock.textContent = now.slice(11, 16);
  }

  /** Draw the bottom bar anew. */
  drawBar(): void {
    this.bar.draw(this.person.followed, this.table.menu);
  }

  private screen(): HTMLElement[] {
    const top = h("div", { className: "status-bar", ariaHidden: "true" }, this.clock, h("span", {}, "▂▄▆ 5G"));
    const scan = button("扫一扫", "scan", () => this.scan());
    const heading = h("div", { className: "heading" }, this.table.account, this.typingSign);
    return [top, h("nav", {}, h("span", { className: "back", ariaHidden: "true" }, "‹"), heading, scan), this.chat, this.bar.element, this.browser.element];
  }

  private detail(): HTMLElement {
    const [code, words] = [codeOf(this.person), detailOf(this.person)];
    if (!code || this.isBound) return h("small", {}, code ? "已绑定" : words);
    return button(words, "code", () => this.bar.fill(code), "把绑定码填进输入框");
  }

  private bound(): void {
    this.isBound = true;
    this.update(this.person);
  }

  private toEnd(): void {
    this.chat.scrollTop = this.chat.scrollHeight;
  }

  private async do(action: string, args: Record<string, unknown> = {}): Promise<void> {
    this.underWay += 1;
    const later = setTimeout(() => this.wait(), DOTS_AFTER_MS);
    try {
      const done = await act(this.person.id, action, args);
      if (done.opens) void this.browser.open(this.person.id, done.opens);
    } catch (error) {
      toast(error instanceof Error ? error.message : String(error));
    }
    clearTimeout(later);
    this.underWay -= 1;
    if (!this.underWay) this.waiting.hidden = true;
  }

  private wait(): void {
    this.waiting.hidden = false;
    this.toEnd();
  }

  private tap(link: Link): void {
    if (link.content === null) void this.browser.open(this.person.id, link.href);
    else void this.do("text", { content: link.content, menu_id: link.menu_id ?? "0" });
  }

  private tapMenu(item: MenuButton): void {
    if (item.type?.startsWith("scancode")) {
      scanDialog(this.table.scenes, (code) => void this.do("menu", { key: item.key, result: code.scene ?? code.url }));
    } else void this.do("menu", { name: item.name, key: item.key ?? item.url ?? item.pagepath });
  }

  private scan(): void {
    scanDialog(this.table.scenes, (code) => void this.do("scan", code));
  }

  /** Several photos go out side by side, as from a phone; the last one some seconds later where it is to be late. */
  private async sendPhotos(photos: File[] | number, late: boolean): Promise<void> {
    const count = typeof photos === "number" ? photos : photos.length;
    await Promise.all(
      Array.from({ length: count }, async (_, number) => {
        const file = typeof photos === "number" ? null : photos[number]!;
        const data = file ? await readFile(file) : samplePhoto(number);
        if (late && number === count - 1) await new Promise((resolve) => setTimeout(resolve, LATE_MS));
        await this.do("image", { data, content_type: file?.type ?? "image/jpeg" });
      }),
    );
  }
}
