/** One phone on the table. */

import { act, browseUrl, call, type Entry, type Link, type Menu, type MenuButton, type Person, type Scene } from "./api";
import { bubble, timeLine } from "./bubbles";
import { photoDialog, scanDialog, toast, voiceDialog } from "./dialogs";
import { button, h } from "./dom";

/** What all phones share; read anew at every tap. */
export interface Table {
  account: string;
  menu: Menu | null;
  scenes: Scene[];
}

export class Handset {
  readonly element = h("section", { className: "phone" });
  private readonly chat = h("div", { className: "chat", role: "log", ariaLabel: "聊天记录" });
  private readonly bar = h("div", { className: "bar" });
  private readonly browser = h("div", { className: "browser", hidden: true });
  private readonly title = h("div", { className: "who" });
  private readonly typingSign = h("span", { className: "typing" });
  private last: Entry | undefined;
  private isTyping = true;

  constructor(
    private person: Person,
    private readonly table: Table,
    private readonly closed: () => void,
  ) {
    const scan = button("扫一扫", "tool", () => this.scan());
    const heading = h("div", { className: "heading" }, table.account, this.typingSign);
    const close = button("✕", "close", () => this.closed(), "放下这部手机");
    this.element.append(h("header", {}, this.title, close), h("nav", {}, heading, scan), this.chat, this.bar, this.browser);
    this.update(person);
    // Newest lines stay in sight when the log, the faults or another bar take room.
    new ResizeObserver(() => this.toEnd()).observe(this.chat);
    this.chat.onclick = () => this.closeMenus();
    void this.load();
  }

  /** Show another state of the person: name, note, following or not. */
  update(person: Person): void {
    this.person = person;
    this.element.dataset.phone = person.id;
    this.title.replaceChildren(h("b", {}, person.name), h("small", {}, person.note));
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
    if (clock) this.chat.append(clock);
    this.chat.append(bubble(entry, { link: (link) => this.tap(link) }));
    this.last = entry;
    this.typing(false);
    this.toEnd();
  }

  private toEnd(): void {
    this.chat.scrollTop = this.chat.scrollHeight;
  }

  private closeMenus(): void {
    this.bar.querySelectorAll<HTMLElement>(".submenu").forEach((menu) => (menu.hidden = true));
  }

  /** Show or hide that the account is typing. */
  typing(is: boolean): void {
    this.typingSign.textContent = is ? "对方正在输入…" : "";
  }

  /** Draw the bottom bar anew: follow button, menu, or input. */
  drawBar(): void {
    if (!this.person.followed) this.bar.replaceChildren(this.followBar());
    else if (this.table.menu && !this.isTyping) this.bar.replaceChildren(...this.menuBar(this.table.menu));
    else this.bar.replaceChildren(...this.inputBar());
  }

  /** Show the menu first, once it is there. */
  preferMenu(): void {
    this.isTyping = false;
    this.drawBar();
  }

  private followBar(): HTMLElement {
    const follow = button("关注公众号", "weui-btn weui-btn_primary follow", () => void this.do("follow"));
    return h("div", { className: "stranger" }, follow, h("small", {}, "或者扫一扫现场的二维码"));
  }

  private toggle(label: string, title: string): HTMLButtonElement {
    return button(label, "tool", () => {
      this.isTyping = !this.isTyping;
      this.drawBar();
    }, title);
  }

  private menuBar(menu: Menu): HTMLElement[] {
    return [this.toggle("⌨", "打字"), ...menu.button.map((item) => this.menuButton(item))];
  }

  private menuButton(item: MenuButton): HTMLElement {
    const subs = item.sub_button ?? [];
    if (!subs.length) return button(item.name, "menu", () => void this.tapMenu(item));
    const list = h("div", { className: "submenu", hidden: true }, ...subs.map((sub) => button(sub.name, "menu", () => {
      list.hidden = true;
      void this.tapMenu(sub);
    })));
    const top = button(`≡ ${item.name}`, "menu", () => {
      const shown = list.hidden;
      this.closeMenus();
      list.hidden = !shown;
    });
    return h("div", { className: "group" }, list, top);
  }

  private inputBar(): HTMLElement[] {
    const input = h("input", { className: "weui-input type", placeholder: "发消息", ariaLabel: "发消息", autocomplete: "off" });
    const form = h("form", { className: "send" }, input, h("button", { type: "submit", className: "tool send-button" }, "发送"));
    form.onsubmit = (event) => {
      event.preventDefault();
      const content = input.value;
      input.value = "";
      if (content.trim()) void this.do("text", { content });
    };
    const tools = [button("语音", "tool", () => this.say(), "发语音"), button("图片", "tool", () => this.photo(), "发照片")];
    const more = button("⋯", "tool", () => this.more(), "取消关注等");
    return [...(this.table.menu ? [this.toggle("☰", "菜单")] : []), form, ...tools, more];
  }

  private more(): void {
    if (confirm(`${this.person.name}：取消关注「${this.table.account}」？`)) void this.do("unfollow");
  }

  private async do(action: string, args: Record<string, unknown> = {}): Promise<void> {
    try {
      const done = await act(this.person.id, action, args);
      if (done.opens) this.open(done.opens);
    } catch (error) {
      toast(error instanceof Error ? error.message : String(error));
    }
  }

  private tap(link: Link): void {
    if (link.content === null) this.open(link.href);
    else void this.do("text", { content: link.content, menu_id: link.menu_id ?? "0" });
  }

  private tapMenu(item: MenuButton): Promise<void> {
    if (item.type?.startsWith("scancode")) {
      scanDialog(this.table.scenes, (code) => void this.do("menu", { key: item.key, result: code.scene ?? code.url }));
      return Promise.resolve();
    }
    return this.do("menu", { name: item.name, key: item.key ?? item.url ?? item.pagepath });
  }

  private scan(): void {
    scanDialog(this.table.scenes, (code) => void this.do("scan", code));
  }

  private say(): void {
    voiceDialog((recognition) => void this.do("voice", recognition ? { recognition } : {}));
  }

  private photo(): void {
    photoDialog((file) => void this.sendPhoto(file));
  }

  private async sendPhoto(file: File | null): Promise<void> {
    if (!file) return this.do("image");
    const address = await new Promise<string>((resolve) => {
      const reader = new FileReader();
      reader.onload = () => resolve(String(reader.result));
      reader.readAsDataURL(file);
    });
    return this.do("image", { data: address.slice(address.indexOf(",") + 1), content_type: file.type });
  }

  /** The phone's own browser, over the chat. */
  private open(url: string): void {
    const address = browseUrl(this.person.id, url);
    const close = button("✕", "tool", () => {
      this.browser.hidden = true;
      this.browser.replaceChildren();
    }, "关闭网页");
    const outside = h("a", { href: address, target: "_blank", rel: "noopener", className: "tool" }, "新窗口打开");
    const frame = h("iframe", { src: address, title: "网页" });
    this.browser.replaceChildren(h("nav", {}, close, h("span", { className: "address" }, url), outside), frame);
    this.browser.hidden = false;
  }
}
