/** The bottom of a phone: follow button, the account's menu, or the input with its panel of other things to send. */

import type { Menu, MenuButton } from "./api";
import { button, h } from "./dom";

/** What can be done at the bar. */
export interface Deeds {
  follow: () => void;
  unfollow: () => void;
  text: (content: string) => void;
  menu: (item: MenuButton) => void;
  scan: () => void;
  photo: () => void;
  voice: () => void;
  place: () => void;
}

export class Bar {
  readonly element = h("div", { className: "bar" });
  private readonly input = h("input", { className: "type", placeholder: "发消息", ariaLabel: "发消息", autocomplete: "off" });
  private isTyping = true;
  private menu: Menu | null = null;
  private followed = false;

  constructor(private readonly deeds: Deeds) {
    this.element.addEventListener("keydown", (event) => event.key === "Escape" && this.close());
  }

  /** Show what a phone in this state shows; another menu is shown first. */
  draw(followed: boolean, menu: Menu | null): void {
    if (menu !== this.menu) this.isTyping = !menu;
    this.menu = menu;
    this.followed = followed;
    this.redraw();
  }

  /** Put words into the input, ready to be sent. */
  fill(words: string): void {
    this.isTyping = true;
    this.redraw();
    this.input.value = words;
    this.input.focus();
  }

  /** Fold sub-menus and the panel. */
  close(): void {
    this.element.querySelectorAll<HTMLElement>(".submenu, .panel").forEach((element) => (element.hidden = true));
    this.element.querySelectorAll("[aria-expanded]").forEach((element) => element.setAttribute("aria-expanded", "false"));
  }

  private redraw(): void {
    if (!this.followed) this.element.replaceChildren(this.followRow());
    else if (this.menu && !this.isTyping) this.element.replaceChildren(this.menuRow(this.menu));
    else this.element.replaceChildren(this.inputRow());
  }

  private followRow(): HTMLElement {
    const follow = button("关注公众号", "weui-btn weui-btn_primary follow", this.deeds.follow);
    return h("div", { className: "stranger" }, follow, h("small", {}, "或者扫一扫现场的二维码"));
  }

  private toggle(label: string, title: string): HTMLButtonElement {
    return button(label, "round", () => {
      this.isTyping = !this.isTyping;
      this.redraw();
    }, title);
  }

  private opener(label: string, className: string, target: HTMLElement, title = ""): HTMLButtonElement {
    const element = button(label, className, () => {
      const opens = target.hidden;
      this.close();
      target.hidden = !opens;
      element.ariaExpanded = String(opens);
    }, title);
    element.ariaExpanded = "false";
    return element;
  }

  private menuRow(menu: Menu): HTMLElement {
    return h("div", { className: "row-of-menus" }, this.toggle("⌨", "打字"), ...menu.button.map((item) => this.menuButton(item)));
  }

  private menuButton(item: MenuButton): HTMLElement {
    const subs = item.sub_button ?? [];
    if (!subs.length) return button(item.name, "menu", () => this.deeds.menu(item));
    const list = h("div", { className: "submenu", hidden: true }, ...subs.map((sub) => button(sub.name, "menu", () => {
      this.close();
      this.deeds.menu(sub);
    })));
    return h("div", { className: "group" }, list, this.opener(`≡ ${item.name}`, "menu", list));
  }

  private inputRow(): HTMLElement {
    const form = h("form", { className: "send" }, this.input, h("button", { type: "submit", className: "send-button" }, "发送"));
    form.onsubmit = (event) => {
      event.preventDefault();
      const content = this.input.value;
      this.input.value = "";
      if (content.trim()) this.deeds.text(content);
    };
    const panel = this.panel();
    const row = h("div", { className: "row-of-input" }, this.menu ? this.toggle("≡", "菜单") : null, form, this.opener("＋", "round", panel, "更多"));
    return h("div", { className: "input-bar" }, row, panel);
  }

  private panel(): HTMLElement {
    const { photo, voice, place, scan, unfollow } = this.deeds;
    const entry = (sign: string, label: string, deed: () => void) => {
      const element = button("", "deed", () => {
        this.close();
        deed();
      }, label);
      element.append(h("i", { ariaHidden: "true" }, sign), label);
      return element;
    };
    return h("div", { className: "panel", hidden: true }, entry("▣", "照片", photo), entry("♪", "语音", voice),
      entry("◎", "位置", place), entry("▦", "扫码", scan), entry("×", "取消关注", unfollow));
  }
}
