/** The phone's own browser, over the chat; pages that refuse frames get a window as large as a phone. */

import { browseUrl, mayBeFramed } from "./api";
import { button, h } from "./dom";

/** Open a page in a window beside this one; the same name uses the same window. */
export function openBeside(url: string, name: string, width: number, height: number): void {
  const left = Math.max(0, screenX + outerWidth - width);
  const beside = open(url, name, `popup,width=${width},height=${height},left=${left},top=${screenY + 40}`);
  if (beside) beside.focus();
}

export class PhoneBrowser {
  readonly element = h("div", { className: "browser", hidden: true, role: "dialog", ariaLabel: "网页" });

  constructor() {
    this.element.addEventListener("keydown", (event) => event.key === "Escape" && this.close());
  }

  /** Go to a page as this phone's person. */
  async open(phone: string, url: string): Promise<void> {
    const address = browseUrl(phone, url);
    const beside = () => openBeside(address, `zhiping-${phone}`, 400, 760);
    const close = button("✕", "round", () => this.close(), "关闭网页");
    const bar = h("nav", {}, close, h("span", { className: "address", title: url }, url), button("↗", "round", beside, "在窗口里打开"));
    this.element.replaceChildren(bar, h("p", { className: "empty" }, "正在打开……"));
    this.element.hidden = false;
    close.focus();
    const framed = await mayBeFramed(url).catch(() => false);
    this.element.lastElementChild!.replaceWith(framed ? h("iframe", { src: address, title: "网页" }) : this.outside(beside));
    if (!framed) beside();
  }

  private outside(beside: () => void): HTMLElement {
    const go = button("再打开一次", "weui-btn weui-btn_primary", beside);
    return h("div", { className: "outside" }, h("p", {}, "这个网页为了安全，不让别的网页嵌入它，所以开在旁边手机大小的窗口里。"), go);
  }

  private close(): void {
    this.element.hidden = true;
    this.element.replaceChildren();
  }
}
